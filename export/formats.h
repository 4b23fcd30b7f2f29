/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats in which an account (ledger/query/account.h) leaves the ledger, each in the file of
 * its name. What holds for all of them stands in export/document.h.
 *
 *   prov-json       W3C PROV-JSON (submission of 24 April 2013)             export/prov.c
 *   openlineage     events of OpenLineage 2-0-2, one a line                 export/openlineage.c
 *   cyclonedx, cyclonedx-1.7   CycloneDX 1.6 and 1.7                        export/cyclonedx.c
 *   spdx3           SPDX 3.0.1, JSON-LD                                     export/spdx.c
 *   slsa, in-toto   in-toto Statements v1, SLSA provenance v1               export/intoto.c
 *   graphml         GraphML 1.0                                             export/graphml.c
 *   jgf             JSON Graph Format 2.1                                   export/jgf.c
 *   cytoscape       elements of Cytoscape.js                                export/cytoscape.c
 *   csv             tables                                                  export/tables.c
 *   mermaid, dot    pictures as text                                        export/picture_text.c
 */
#ifndef ML_EXPORT_FORMATS_H
#define ML_EXPORT_FORMATS_H

#include "ledger/query/account.h"

struct ml_export_options {
    const char *query; /* what was asked for, in words: the document's title */
    const char *table; /* of csv: "nodes" (also for NULL), "edges", "values" */
};

/* Appends the document, which ends with a line feed; nothing after a failure.
 * MLEDGER_ESYSTEM: memory is out. Others where the format says so. */
typedef int ml_export_writer(const struct ml_account *account,
                             const struct ml_export_options *options, struct ml_buf *out);

struct ml_export_format {
    const char *name;
    const char *media_type; /* of the document, or of each line: the payload type in DSSE */
    bool by_line;           /* each line is a document of its own */
    ml_export_writer *write;
};

/* NULL: there is none called so. */
const struct ml_export_format *ml_export_format(const char *name);

int ml_export_prov(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out) ML_MUST_USE;
int ml_export_openlineage(const struct ml_account *account, const struct ml_export_options *options,
                          struct ml_buf *out) ML_MUST_USE;
int ml_export_cyclonedx(const struct ml_account *account, const struct ml_export_options *options,
                        struct ml_buf *out) ML_MUST_USE;
int ml_export_cyclonedx_17(const struct ml_account *account,
                           const struct ml_export_options *options, struct ml_buf *out) ML_MUST_USE;
int ml_export_spdx(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out) ML_MUST_USE;
/* Both: a statement on each line. MLEDGER_ENOTFOUND: there is no file with a digest to speak of. */
int ml_export_slsa(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out) ML_MUST_USE;
int ml_export_intoto(const struct ml_account *account, const struct ml_export_options *options,
                     struct ml_buf *out) ML_MUST_USE;
int ml_export_graphml(const struct ml_account *account, const struct ml_export_options *options,
                      struct ml_buf *out) ML_MUST_USE;
int ml_export_jgf(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out) ML_MUST_USE;
int ml_export_cytoscape(const struct ml_account *account, const struct ml_export_options *options,
                        struct ml_buf *out) ML_MUST_USE;
int ml_export_csv(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out) ML_MUST_USE;
/* MLEDGER_EUSAGE: as ml_mermaid(). */
int ml_export_mermaid(const struct ml_account *account, const struct ml_export_options *options,
                      struct ml_buf *out) ML_MUST_USE;
int ml_export_dot(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out) ML_MUST_USE;

#endif
