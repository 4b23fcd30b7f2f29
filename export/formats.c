/* SPDX-License-Identifier: Apache-2.0 */
#include "export/formats.h"

static const struct ml_export_format formats[] = {
    {"prov-json", "application/json", false, ml_export_prov},
    {"openlineage", "application/x-ndjson", false, ml_export_openlineage},
    {"cyclonedx", "application/vnd.cyclonedx+json", false, ml_export_cyclonedx},
    {"cyclonedx-1.7", "application/vnd.cyclonedx+json", false, ml_export_cyclonedx_17},
    {"spdx3", "application/spdx+json", false, ml_export_spdx},
    {"slsa", "application/vnd.in-toto+json", true, ml_export_slsa},
    {"in-toto", "application/vnd.in-toto+json", true, ml_export_intoto},
    {"graphml", "application/graphml+xml", false, ml_export_graphml},
    {"jgf", "application/vnd.jgf+json", false, ml_export_jgf},
    {"cytoscape", "application/json", false, ml_export_cytoscape},
    {"csv", "text/csv", false, ml_export_csv},
    {"mermaid", "text/vnd.mermaid", false, ml_export_mermaid},
    {"dot", "text/vnd.graphviz", false, ml_export_dot},
};

const struct ml_export_format *ml_export_format(const char *name)
{
    for (size_t i = 0; i < ML_COUNT(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}
