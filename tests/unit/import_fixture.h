/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of importers share: an import into the fixture's ledger, and what is in it. */
#ifndef TESTS_IMPORT_FIXTURE_H
#define TESTS_IMPORT_FIXTURE_H

#include "ingest/import.h"
#include "tests/unit/ledger_fixture.h"

typedef int importer(struct ml_ledger *ledger, const struct ml_signer *signer, const char *dir,
                     const struct ml_import_options *options, struct ml_import_report *report);

/* Imports; asserts that it works. The report is to be released. */
void import_all(struct fixture *fixture, importer *import, const char *dir,
                const struct ml_import_options *options, struct ml_import_report *ret_report);
/* Imports again: nothing may be appended. */
void import_nothing(struct fixture *fixture, importer *import, const char *dir,
                    const struct ml_import_options *options);
/* Expects `result`, nothing appended, and `text` in the error. */
void import_fails(struct fixture *fixture, importer *import, const char *dir,
                  const struct ml_import_options *options, int result, const char *text);
/* Records of that kind in the report. */
uint64_t import_count(const struct ml_import_report *report, const char *kind);

/* Verifies the whole ledger: no faults, no doubts. */
void fixture_verify(struct fixture *fixture);

/* Calls `visit` with every record after the genesis. The record is valid until it returns. */
typedef void record_visitor(const struct ml_record *record, uint64_t seq, void *context);
void fixture_each(struct fixture *fixture, record_visitor *visit, void *context);

/* Files in a temporary folder. Paths are relative to it; folders are made as needed. */
void tree_write(const char *root, const char *path, const char *text);
void tree_remove(const char *root, const char *path);
/* Copies a folder with all that is in it. */
void tree_copy(const char *from, const char *to);

#endif
