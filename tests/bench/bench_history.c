/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `import dvc --history` of a repository with 10,000 commits, against reading from it, through the
 * same library, all that the import reads: of every commit that changes the project its tree and
 * the blobs of its files. What the import adds is parsing, judging, signing and storing.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "ingest/git_history.h"
#include "ingest/git_tree.h"
#include "ingest/import.h"
#include "tests/bench/bench.h"

enum { COMMITS = 10000, STAGES = 12, SOURCES = 40 };

/* ---- the repository ---- */

static void put_data(FILE *stream, const char *text)
{
    fprintf(stream, "data %zu\n%s\n", strlen(text), text);
}

static void put_file(FILE *stream, const char *path, const char *text)
{
    fprintf(stream, "M 100644 inline %s\n", path);
    put_data(stream, text);
}

static void put_text(FILE *stream, const char *path, struct ml_buf *text)
{
    bench_check(ml_buf_append_char(text, '\0'));
    put_file(stream, path, (const char *)text->data);
}

static void put_yaml(FILE *stream)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    bench_check(ml_buf_append_text(&text, "stages:\n"));
    for (int s = 0; s < STAGES; s++)
        bench_check(ml_buf_printf(
            &text,
            "  stage%d:\n    cmd: python src/step%d.py\n    deps:\n    - src/step%d.py\n"
            "    - data/part%d.csv\n    params:\n    - s%d.rate\n    - s%d.depth\n    outs:\n"
            "    - data/part%d.csv\n",
            s, s, s, s, s, s, s + 1));
    put_text(stream, "dvc.yaml", &text);
}

static void put_params(FILE *stream, unsigned n)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (int s = 0; s < STAGES; s++)
        bench_check(ml_buf_printf(&text, "s%d:\n  rate: 0.%u\n  depth: %u\n", s, n % 97, n % 11));
    put_text(stream, "params.yaml", &text);
}

/* Of a content that is another one in each training. */
static void put_lock(FILE *stream, unsigned n)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    bench_check(ml_buf_append_text(&text, "schema: '2.0'\nstages:\n"));
    for (int s = 0; s < STAGES; s++)
        bench_check(ml_buf_printf(
            &text,
            "  stage%d:\n    cmd: python src/step%d.py\n    deps:\n"
            "    - path: data/part%d.csv\n      hash: md5\n      md5: %032x\n"
            "      size: %u\n    - path: src/step%d.py\n      hash: md5\n"
            "      md5: %032x\n      size: 12\n    params:\n      params.yaml:\n"
            "        s%d.depth: %u\n        s%d.rate: 0.%u\n    outs:\n"
            "    - path: data/part%d.csv\n      hash: md5\n      md5: %032x\n"
            "      size: %u\n",
            s, s, s, n * 64 + s, n, s, s, s, n % 11, s, n % 97, s + 1, n * 64 + s + 1, n));
    put_text(stream, "dvc.lock", &text);
}

static void put_sources(FILE *stream, const char *folder, int count)
{
    for (int i = 0; i < count; i++) {
        char path[64], text[64];
        snprintf(path, sizeof path, "%s%d.py", folder, i);
        snprintf(text, sizeof text, "print(%d)\n", i);
        put_file(stream, path, text);
    }
}

static void put_begin(FILE *stream)
{
    put_file(stream, ".dvc/config", "");
    put_yaml(stream);
    put_params(stream, 0);
    put_lock(stream, 0);
    put_file(stream, "data/part0.csv.dvc",
             "outs:\n- md5: 00000000000000000000000000000000\n  hash: md5\n  path: part0.csv\n");
    put_sources(stream, "src/step", STAGES);
    put_sources(stream, "lib/deep/er/module", SOURCES);
}

/* Of ten commits seven are trainings, two change a parameter and one only what nobody reads. */
static void put_change(FILE *stream, unsigned n)
{
    if (n == 0)
        put_begin(stream);
    else if (n % 10 == 9)
        put_sources(stream, "lib/deep/er/module", (int)(n / 10 % SOURCES));
    else
        put_params(stream, n);
    if (n % 10 < 7 && n > 0)
        put_lock(stream, n);
}

static void make_repository(const char *dir)
{
    char command[2000];
    snprintf(command, sizeof command,
             "rm -rf '%s' && git init -q -b main '%s' && git -C '%s' fast-import --quiet", dir, dir,
             dir);
    FILE *stream = popen(command, "w"); /* NOLINT(cert-env33-c): the path is the bench's own */
    if (!stream)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "cannot run git"));
    for (unsigned n = 0; n < COMMITS; n++) {
        fprintf(stream, "commit refs/heads/main\ncommitter Bo <bo@example.org> %u +0000\n",
                1600000000 + n * 600);
        put_data(stream, "a commit");
        put_change(stream, n);
    }
    if (pclose(stream) != 0)
        bench_check(ml_fail(MLEDGER_ESYSTEM, "git fast-import failed"));
}

/* ---- the limit ---- */

static void read_all_files(const struct ml_git_tree *tree, struct ml_buf *content)
{
    static const char *const files[] = {"dvc.yaml", "dvc.lock", "params.yaml", ".dvc/config",
                                        "data/part0.csv.dvc"};
    for (size_t i = 0; i < ML_COUNT(files); i++)
        bench_check(ml_git_tree_read(tree, files[i], 1 << 20, content));
    for (int s = 0; s < STAGES; s++) {
        char path[64];
        snprintf(path, sizeof path, "src/step%d.py", s);
        bench_check(ml_git_tree_read(tree, path, 1 << 20, content));
    }
}

static double read_repository(const char *dir)
{
    ML_CLEANUP(ml_git_freep) struct ml_git *git = NULL;
    ML_CLEANUP(ml_git_history_release) struct ml_git_history history = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    const double start = bench_seconds();
    bench_check(ml_git_open(dir, &git));
    bench_check(ml_git_history_read(git, NULL, &history));
    for (size_t i = 0; i < history.count; i++) {
        ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
        bench_check(ml_git_tree_open(git, history.nodes[i].id, &tree));
        ml_buf_clear(&content);
        if (i % 10 != 9)
            read_all_files(tree, &content);
    }
    return bench_seconds() - start;
}

/* ---- the import ---- */

static double import(struct bench_ledger *bench, const char *dir, uint64_t *ret_appended)
{
    ML_CLEANUP(ml_import_report_release) struct ml_import_report report = {0};
    const double start = bench_seconds();
    bench_check(ml_import_dvc_history(bench->ledger, &bench->signer, dir, NULL, &report));
    *ret_appended = report.appended;
    return bench_seconds() - start;
}

int main(void)
{
    const char *base = getenv("MLEDGER_BENCH_DIR"); /* NOLINT(concurrency-mt-unsafe) */
    char dir[512];
    struct bench_rounds rounds = {0};
    struct bench_ledger bench;
    uint64_t appended = 0, again = 0;
    snprintf(dir, sizeof dir, "%s/bench-history", base ? base : ".");
    make_repository(dir);
    bench_ledger_init(&bench);
    const double before = read_repository(dir);
    const double here = import(&bench, dir, &appended);
    const double limit = (before + read_repository(dir)) / 2;
    const double once_more = import(&bench, dir, &again);
    bench_round(&rounds, COMMITS / here, COMMITS / limit);
    bench_report("import dvc --history", &rounds, "commits/s", 0.1);
    printf("  %d commits, %llu records in %.1f s (goal < 300)\n", COMMITS,
           (unsigned long long)appended, here);
    printf("  again, nothing new (%llu records)   %.1f s\n", (unsigned long long)again, once_more);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-34s %ld MiB\n", "peak memory so far", usage.ru_maxrss / 1024);
    bench_ledger_release(&bench);
    return 0;
}
