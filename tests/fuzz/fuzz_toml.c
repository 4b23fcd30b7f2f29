/* SPDX-License-Identifier: Apache-2.0 */
/* TOML files. */
#include "tests/fuzz/value_check.h"

#include "ingest/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char name[] = "input";
    struct ml_document *document = NULL;
    const int result = ml_toml_parse(ML_SPAN(data, size), name, NULL, &document);
    value_check_document(result, document, name);
    return 0;
}
