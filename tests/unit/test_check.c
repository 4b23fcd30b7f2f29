/* SPDX-License-Identifier: Apache-2.0 */
/* Files against records: judging content, recorded lists, and a file that changes meanwhile. What
 * the command makes of whole projects is in tests/cli/t-check.sh. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/check_state.h"
#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/ledger_fixture.h"

/* ---- judging ---- */

/* A file with this content as it is after everything was computed of it. */
static struct check_file file_of(const void *content, size_t size)
{
    struct check_file file = {.path = "file", .presence = CHECK_IS_FILE, .size = size};
    assert_int_equal(ml_dvc_digest_bytes(ML_SPAN(content, size), &file.lines), MLEDGER_OK);
    memcpy(file.sha256, file.lines.sha256, sizeof file.sha256);
    assert_int_equal(ml_hex_decode(file.lines.text[ML_DVC_PLAIN], 2 * sizeof file.md5, file.md5,
                                   sizeof file.md5),
                     MLEDGER_OK);
    file.known = CHECK_PLAIN_SHA256 | CHECK_PLAIN_MD5 | CHECK_LINES;
    return file;
}

/* What a record says of that content, by one algorithm. */
static struct check_content content_of(const struct check_file *file, Mledger__Algorithm algorithm)
{
    struct check_content content = {.has = 1u << algorithm, .has_size = true, .size = file->size};
    const enum ml_dvc_variant variant =
        algorithm == MLEDGER__ALGORITHM__MD5_DOS2UNIX ? ML_DVC_CHUNKED : ML_DVC_PLAIN;
    if (algorithm == MLEDGER__ALGORITHM__SHA256)
        memcpy(content.value[algorithm], file->sha256, ML_HASH_SIZE);
    else
        assert_int_equal(ml_hex_decode(file->lines.text[variant], (size_t)2 * ML_MD5_SIZE,
                                       content.value[algorithm], ML_MD5_SIZE),
                         MLEDGER_OK);
    return content;
}

static struct check_verdict judge(const struct check_content *content,
                                  const struct check_file *file)
{
    struct check_verdict verdict;
    check_judge_file(content, file, &verdict);
    return verdict;
}

static const char unix_text[] = "a,b\n1,2\n", dos_text[] = "a,b\r\n1,2\r\n", other[] = "a,b\n1,3\n";
#define FILE_OF(text) file_of((text), sizeof(text) - 1)

static void each_algorithm_tells_other_content(void **state)
{
    (void)state;
    static const Mledger__Algorithm algorithms[] = {
        MLEDGER__ALGORITHM__SHA256, MLEDGER__ALGORITHM__MD5, MLEDGER__ALGORITHM__MD5_DOS2UNIX};
    const struct check_file file = FILE_OF(unix_text), changed = FILE_OF(other);
    for (size_t i = 0; i < ML_COUNT(algorithms); i++) {
        const struct check_content content = content_of(&file, algorithms[i]);
        assert_int_equal(judge(&content, &file).state, ML_CHECK_SAME);
        assert_int_equal(judge(&content, &file).weak, i > 0);
        assert_int_equal(judge(&content, &changed).state, ML_CHECK_MODIFIED);
        assert_false(judge(&content, &changed).weak);
    }
}

static void line_ends_are_told_apart(void **state)
{
    (void)state;
    const struct check_file in_unix = FILE_OF(unix_text), in_dos = FILE_OF(dos_text);
    struct check_content md5 = content_of(&in_unix, MLEDGER__ALGORITHM__MD5);
    assert_int_equal(judge(&md5, &in_dos).state, ML_CHECK_LINE_ENDS);
    md5 = content_of(&in_dos, MLEDGER__ALGORITHM__MD5);
    assert_int_equal(judge(&md5, &in_unix).state, ML_CHECK_LINE_ENDS);
    /* DVC's old hash is the same of both; the size is not. */
    struct check_content old = content_of(&in_dos, MLEDGER__ALGORITHM__MD5_DOS2UNIX);
    assert_int_equal(judge(&old, &in_dos).state, ML_CHECK_SAME);
    assert_non_null(judge(&old, &in_dos).note);
    assert_int_equal(judge(&old, &in_unix).state, ML_CHECK_LINE_ENDS);
    old.has_size = false; /* then it cannot be told */
    assert_int_equal(judge(&old, &in_unix).state, ML_CHECK_SAME);
    /* The stronger digest decides, the weaker explains. */
    old = content_of(&in_dos, MLEDGER__ALGORITHM__MD5_DOS2UNIX);
    old.has |= 1u << MLEDGER__ALGORITHM__SHA256;
    memcpy(old.value[MLEDGER__ALGORITHM__SHA256], in_dos.sha256, ML_HASH_SIZE);
    assert_int_equal(judge(&old, &in_dos).state, ML_CHECK_SAME);
    assert_int_equal(judge(&old, &in_unix).state, ML_CHECK_LINE_ENDS);
    assert_int_equal(judge(&old, &in_unix).algorithm, MLEDGER__ALGORITHM__SHA256);
}

static void a_forged_md5_is_betrayed_by_its_size(void **state)
{
    (void)state;
    const struct check_file file = FILE_OF(unix_text);
    struct check_content content = content_of(&file, MLEDGER__ALGORITHM__MD5);
    content.size++;
    assert_int_equal(judge(&content, &file).state, ML_CHECK_MODIFIED);
    assert_string_equal(judge(&content, &file).note, "the MD5 is the same, but not the size");
}

/* A text of 1 MiB with a tail that is none: the two rules of DVC differ, and either will do. */
static void either_rule_of_dvc_fits(void **state)
{
    (void)state;
    enum { MIB = 1 << 20, TAIL = 4096 };
    ML_CLEANUP(ml_freep) uint8_t *bytes = malloc(MIB + TAIL);
    assert_non_null(bytes);
    for (size_t i = 0; i < MIB; i += 4)
        memcpy(bytes + i, "ab\r\n", 4);
    for (size_t i = 0; i < TAIL; i += 4)
        memcpy(bytes + MIB + i, "\0\r\n\1", 4);
    const struct check_file file = file_of(bytes, MIB + TAIL);
    assert_string_not_equal(file.lines.text[ML_DVC_CHUNKED], file.lines.text[ML_DVC_ONCE]);
    struct check_content content = content_of(&file, MLEDGER__ALGORITHM__MD5_DOS2UNIX);
    const char *by_chunk = judge(&content, &file).note;
    assert_non_null(by_chunk);
    assert_int_equal(judge(&content, &file).state, ML_CHECK_SAME);
    assert_int_equal(ml_hex_decode(file.lines.text[ML_DVC_ONCE], (size_t)2 * ML_MD5_SIZE,
                                   content.value[MLEDGER__ALGORITHM__MD5_DOS2UNIX], ML_MD5_SIZE),
                     MLEDGER_OK);
    assert_int_equal(judge(&content, &file).state, ML_CHECK_SAME);
    assert_string_not_equal(judge(&content, &file).note, by_chunk);
}

/* ---- lists ---- */

#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define MD5 "900150983cd24fb0d6963f7d28e17f72"
#define FIRST "mledger manifest 1\n"

typedef int list_reader(struct ml_span text, struct check_list *list);

static void expect_none(list_reader *read, const char *text, const char *part)
{
    struct check_list list = {0};
    assert_int_equal(read(ML_SPAN(text, strlen(text)), &list), MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), part))
        fail_msg("'%s' is not in: %s", part, mledger_error_text());
    check_list_release(&list);
}

static void manifests_are_read(void **state)
{
    (void)state;
    static const char text[] = FIRST "100644 3 " SHA " " MD5 " d/line%0Afeed%25\n"
                                     "100755 12345678901 " SHA " " MD5 " a b\n";
    struct check_list list = {0};
    assert_int_equal(check_list_read_manifest(ML_SPAN(text, sizeof text - 1), &list), MLEDGER_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.files[0].path, "a b");
    assert_true(list.files[0].content.size == 12345678901);
    assert_string_equal(list.files[1].path, "d/line\nfeed%");
    assert_int_equal(check_strongest(&list.files[1].content), MLEDGER__ALGORITHM__SHA256);
    check_list_release(&list);
    expect_none(check_list_read_manifest, "", "does not begin");
    expect_none(check_list_read_manifest, "mledger manifest 2\n", "does not begin");
    expect_none(check_list_read_manifest, FIRST "100644 3 " SHA " " MD5 " a", "has no end");
    expect_none(check_list_read_manifest, FIRST "100644 3 " SHA " " MD5 "\n", "lacks something");
    expect_none(check_list_read_manifest, FIRST "100644 3 " MD5 " " MD5 " a\n", "a digest");
    expect_none(check_list_read_manifest, FIRST "100644 x " SHA " " MD5 " a\n", "a size");
    expect_none(check_list_read_manifest, FIRST "100644 3 " SHA " " MD5 " %0\n", "escaped");
    expect_none(check_list_read_manifest, FIRST "100644 3 " SHA " " MD5 " %00\n", "NUL");
    expect_none(check_list_read_manifest, FIRST "100644 3 " SHA " " MD5 " \n", "empty");
    expect_none(check_list_read_manifest,
                FIRST "100644 3 " SHA " " MD5 " a\n100644 3 " SHA " " MD5 " a\n", "twice");
}

static void dvc_lists_are_read(void **state)
{
    (void)state;
    static const char text[] = "[{\"md5\": \"" MD5 "\", \"relpath\": \"b\"}, {\"md5\": \"" MD5
                               "\", \"relpath\": \"a/\\u00e4\"}]";
    struct check_list list = {0};
    assert_int_equal(check_list_read_dvc(ML_SPAN(text, sizeof text - 1), &list), MLEDGER_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.files[0].path, "a/\xc3\xa4");
    assert_int_equal(check_strongest(&list.files[0].content), MLEDGER__ALGORITHM__MD5);
    check_list_convert(&list);
    assert_int_equal(check_strongest(&list.files[0].content), MLEDGER__ALGORITHM__MD5_DOS2UNIX);
    check_list_release(&list);
    expect_none(check_list_read_dvc, "", "");
    expect_none(check_list_read_dvc, "{}", "it is no list");
    expect_none(check_list_read_dvc, "[1]", "an entry");
    expect_none(check_list_read_dvc, "[{\"relpath\": \"a\"}]", "an entry");
    expect_none(check_list_read_dvc, "[{\"relpath\": \"\", \"md5\": \"" MD5 "\"}]", "an entry");
    expect_none(check_list_read_dvc, "[{\"relpath\": \"a\", \"md5\": \"90\"}]", "a digest");
}

/* ---- a whole check ---- */

static void put(const char *path, const char *mode, const char *content)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void append_to(void *path, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    put(path, "a", "more");
}

static void a_file_that_changes_is_no_answer(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ml_view view;
    struct ml_reader reader;
    struct ml_check *check;
    struct ml_basis basis = {0};
    char path[128], line[512];
    fixture_init(&fixture);
    snprintf(path, sizeof path, "%s/data.csv", fixture.dir);
    put(path, "w", "abc");
    snprintf(line, sizeof line,
             "{\"dataset_recorded\": {\"name\": \"d\", \"digests\": [{\"digest\": \"sha256:" SHA
             "\", \"standing\": \"seen\"}]}, \"details\": {\"source\": \"%s\"}}",
             path);
    const uint64_t seq = fixture_add(&fixture, line);
    assert_int_equal(ml_view_begin(fixture.ledger, &view), MLEDGER_OK);
    ml_reader_init(&reader, &view, seq);
    struct ml_check_options options = {0};
    assert_int_equal(ml_check_run(&reader, fixture.dir, &options, &basis, &check), MLEDGER_OK);
    assert_int_equal(check->counts[ML_CHECK_SAME], 1);
    assert_int_equal(check->entries[0].seqs[0], seq);
    ml_check_free(check);
    options.progress = append_to;
    options.progress_context = path;
    assert_int_equal(ml_check_run(&reader, fixture.dir, &options, &basis, &check), MLEDGER_OK);
    assert_int_equal(check->n_entries, 1);
    assert_int_equal(check->entries[0].state, ML_CHECK_UNREADABLE);
    assert_non_null(strstr(check->entries[0].note, "changed while it was read"));
    ml_check_free(check);
    ml_basis_release(&basis);
    ml_reader_release(&reader);
    ml_view_end(&view);
    unlink(path);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_tells_other_content),
        cmocka_unit_test(line_ends_are_told_apart),
        cmocka_unit_test(a_forged_md5_is_betrayed_by_its_size),
        cmocka_unit_test(either_rule_of_dvc_fits),
        cmocka_unit_test(manifests_are_read),
        cmocka_unit_test(dvc_lists_are_read),
        cmocka_unit_test(a_file_that_changes_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
