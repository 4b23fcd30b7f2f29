/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/import_fixture.h"
#include "verify/verify.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (%s)", result, mledger_error_text(), mledger_error_rule());
}

void import_all(struct fixture *fixture, importer *import, const char *dir,
                const struct ml_import_options *options, struct ml_import_report *ret_report)
{
    *ret_report = (struct ml_import_report){0};
    expect_ok(import(fixture->ledger, &fixture->signers[ALICE], dir, options, ret_report));
}

void import_nothing(struct fixture *fixture, importer *import, const char *dir,
                    const struct ml_import_options *options)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report;
    import_all(fixture, import, dir, options, &report);
    for (unsigned kind = 0; kind < ML_IMPORT_KINDS; kind++)
        if (report.kinds[kind])
            fail_msg("%s: again %llu %s", dir, (unsigned long long)report.kinds[kind],
                     ml_import_kind_name(kind));
    assert_int_equal(report.appended, 0);
}

void import_fails(struct fixture *fixture, importer *import, const char *dir,
                  const struct ml_import_options *options, int result, const char *text)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report = {0};
    assert_int_equal(import(fixture->ledger, &fixture->signers[ALICE], dir, options, &report),
                     result);
    if (!strstr(mledger_error_text(), text))
        fail_msg("no '%s' in: %s", text, mledger_error_text());
    assert_int_equal(report.appended, 0);
}

uint64_t import_count(const struct ml_import_report *report, const char *kind)
{
    for (unsigned i = 0; i < ML_IMPORT_KINDS; i++) {
        const char *name = ml_import_kind_name(i);
        if (name && strcmp(name, kind) == 0)
            return report->kinds[i];
    }
    fail_msg("no kind '%s'", kind);
    return 0;
}

static int print_finding(const struct ml_finding *finding, void *context)
{
    (void)context;
    if (finding->severity != ML_SEVERITY_NOT_PROVEN)
        print_message("%s: record %llu: %s\n", finding->code, (unsigned long long)finding->seq,
                      finding->text);
    return MLEDGER_OK;
}

void fixture_verify(struct fixture *fixture)
{
    const struct ml_verify_options options = {.level = ML_VERIFY_FULL, .visit = print_finding};
    struct ml_verify_result result;
    expect_ok(ml_verify(fixture->ledger, &options, &result));
    assert_int_equal(result.faults, 0);
    assert_int_equal(result.doubts, 0);
}

void fixture_each(struct fixture *fixture, record_visitor *visit, void *context)
{
    struct ml_view view;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, (size_t)1 << 30);
    expect_ok(ml_view_begin(fixture->ledger, &view));
    for (uint64_t seq = 1; seq < view.head.size; seq++) {
        struct ml_record record;
        ml_arena_clear(&arena);
        expect_ok(ml_view_record(&view, seq, &arena, &record));
        visit(&record, seq, context);
    }
    ml_view_end(&view);
}

static void make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0777);
        *at = '/';
    }
}

void tree_write(const char *root, const char *path, const char *text)
{
    char full[4096];
    snprintf(full, sizeof full, "%s/%s", root, path);
    make_folders(full);
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void shell(const char *command)
{
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): paths are the test's own */
}

void tree_remove(const char *root, const char *path)
{
    char command[8300];
    snprintf(command, sizeof command, "rm -rf '%s/%s'", root, path);
    shell(command);
}

void tree_copy(const char *from, const char *to)
{
    char command[12500];
    snprintf(command, sizeof command, "mkdir -p '%s' && cp -r '%s/.' '%s' && chmod -R u+w '%s'", to,
             from, to, to);
    shell(command);
}
