/* SPDX-License-Identifier: Apache-2.0 */
/* YAML and JSON files. The first byte chooses: YAML 1.2, YAML 1.1, JSON. */
#include "tests/fuzz/value_check.h"

#include "ingest/json_value.h"
#include "ingest/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "input";
    struct ml_document *document = NULL;
    const struct ml_yaml_options old = {.schema = ML_YAML_1_1};
    if (size == 0)
        return 0;
    const struct ml_span text = ML_SPAN(data + 1, size - 1);
    const int result = *data % 3 == 2
                           ? ml_json_value_parse(text, name, NULL, &document)
                           : ml_yaml_parse(text, name, *data % 3 == 1 ? &old : NULL, &document);
    value_check_document(result, document, name);
    return 0;
}
