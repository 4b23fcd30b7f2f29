/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in a ledger of 50,000 records and in one of a million: their cost follows the answer, so
 * the two should be the same. The limit of each is what its records cost to read and check alone.
 *
 * The ledger holds a stock of 10,000 models, each with a version in Production, of which half came
 * from runs that learned from one dataset: 10,000 descendants. All else is of bench_draft().
 */
#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/json.h"
#include "ledger/query/at.h"
#include "ledger/query/difference.h"
#include "ledger/query/exceptions.h"
#include "ledger/query/impact.h"
#include "ledger/query/inventory.h"
#include "tests/bench/bench.h"

enum {
    MODELS = 10000,
    TRAINED = MODELS / 2, /* of them, from runs that learned from the dataset */
    SMALL = 10000,        /* records beside the stock */
    LARGE = 1000000,      /* records in all */
    BATCH = 5000,
    READS = 20000, /* for the limit */
};

#define DATA "sha256:abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"

/* ---- the stock ---- */

struct fill {
    struct bench_ledger *bench;
    struct ml_draft *drafts[BATCH];
    size_t count;
};

static void flush(struct fill *fill)
{
    if (fill->count > 0)
        bench_check(ml_ledger_append(fill->bench->ledger, &fill->bench->signer, fill->drafts,
                                     fill->count, NULL, NULL));
    while (fill->count > 0)
        ml_draft_free(fill->drafts[--fill->count]);
}

static void add(struct fill *fill, const char *format, ...) ML_PRINTF(2, 3);
static void add(struct fill *fill, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    bench_check(ml_draft_from_json(line, (size_t)len, NULL, &fill->drafts[fill->count]));
    if (++fill->count == BATCH)
        flush(fill);
}

static void add_trained(struct fill *fill, int i)
{
    add(fill, "{\"run_started\":{\"run_id\":\"stock-run-%d\",\"commit\":\"git:%040x\"}}", i, i);
    add(fill,
        "{\"run_logged\":{\"run\":\"stock-run-%d\",\"params\":[\"depth\"],\"inputs\":[{\"name\":"
        "\"raw\",\"role\":\"training\",\"digests\":[\"" DATA "\"]}]},\"details\":{\"param_values\":"
        "[\"%d\"]}}",
        i, i);
    add(fill, "{\"version_registered\":{\"model\":\"stock-%05d\",\"run_id\":\"stock-run-%d\"}}", i,
        i);
}

static void add_stock(struct bench_ledger *bench)
{
    static struct fill fill;
    fill.bench = bench;
    add(&fill, "{\"dataset_recorded\":{\"name\":\"raw\",\"digests\":[\"" DATA "\"]}}");
    for (int i = 0; i < MODELS; i++) {
        add(&fill, "{\"model_created\":{\"name\":\"stock-%05d\"}}", i);
        if (i < TRAINED)
            add_trained(&fill, i);
        else
            add(&fill, "{\"version_registered\":{\"model\":\"stock-%05d\"}}", i);
        add(&fill,
            "{\"stage_transitioned\":{\"model\":\"stock-%05d\",\"version\":1,\"to_stage\":"
            "\"Production\"}}",
            i);
    }
    flush(&fill);
}

/* ---- answers ---- */

struct asked {
    struct ml_view *view;
    struct ml_reader reader;
    struct ml_basis basis;
};

/* Gives how many records the answer was read from. */
typedef size_t answer(struct asked *asked);

static struct ml_target target_of(struct asked *asked, const char *text)
{
    struct ml_reference_text reference;
    struct ml_target target;
    bench_check(ml_reference_parse(text, &reference));
    bench_check(ml_reference_resolve(&asked->reader, &reference, &target));
    return target;
}

static size_t ask_at(struct asked *asked)
{
    struct ml_interval_choice choice;
    struct ml_at at;
    const struct ml_as_of now = {.kind = ML_AS_OF_SEQ, .seq = asked->reader.as_of};
    bench_check(
        ml_interval_choice_parse(&asked->reader, "models:/stock-00007/Production", &choice));
    bench_check(ml_at(&asked->reader, &choice, &now, &at));
    ml_at_release(&at);
    return asked->reader.n_used;
}

static size_t ask_lineage(struct asked *asked)
{
    const struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_graph *graph;
    bench_check(ml_lineage(asked->view, "models:/stock-00007/1", &options, &graph));
    bench_check(ml_basis_add_graph(&asked->basis, graph));
    ml_graph_free(graph);
    ml_basis_settle(&asked->basis);
    return asked->basis.n_seqs;
}

static size_t ask_difference(struct asked *asked)
{
    struct ml_difference difference;
    struct ml_target before = target_of(asked, "models:/stock-00007/1"),
                     after = target_of(asked, "models:/stock-00008/1");
    bench_check(ml_difference_read(&asked->reader, &before, &after, &asked->basis, &difference));
    ml_difference_release(&difference);
    return asked->reader.n_used;
}

static size_t ask_impact(struct asked *asked)
{
    struct ml_impact impact;
    struct ml_target data = target_of(asked, DATA);
    const struct ml_impact_question question = {
        .starts = {.targets = &data, .n_targets = 1}, .same_content = true, .inferred = true};
    bench_check(ml_impact(&asked->reader, &question, &asked->basis, &impact));
    if (impact.n_reached != TRAINED)
        bench_check(ml_fail(MLEDGER_EDAMAGED, "%zu versions were reached", impact.n_reached));
    ml_impact_release(&impact);
    ml_basis_settle(&asked->basis);
    return asked->basis.n_seqs;
}

static size_t ask_inventory(struct asked *asked)
{
    struct ml_inventory inventory;
    const struct ml_inventory_options options = {.as_of = asked->reader.as_of,
                                                 .now_us = INT64_C(1900000000000000)};
    bench_check(ml_inventory(asked->view, &options, &asked->basis, &inventory));
    if (inventory.count < MODELS)
        bench_check(ml_fail(MLEDGER_EDAMAGED, "%zu models are listed", inventory.count));
    ml_inventory_release(&inventory);
    ml_basis_settle(&asked->basis);
    return asked->basis.n_seqs;
}

static size_t ask_exceptions(struct asked *asked)
{
    struct ml_exceptions found;
    struct ml_exceptions_options options = {.as_of = asked->reader.as_of,
                                            .as_of_us = INT64_C(1900000000000000),
                                            .model = MLEDGER_NO_SEQ};
    options.wanted[ml_exception_check_find("production-unapproved")] = true;
    bench_check(ml_exceptions(asked->view, &options, &asked->basis, &found));
    ml_exceptions_release(&found);
    ml_basis_settle(&asked->basis);
    return asked->basis.n_seqs;
}

static const struct question {
    const char *name;
    answer *ask;
    int rounds;
} questions[] = {
    {"at, one stage of a model", ask_at, 200},
    {"lineage of a version", ask_lineage, 200},
    {"diff of two versions", ask_difference, 200},
    {"impact, 10,000 descendants", ask_impact, 1},
    {"inventory of 10,000 models", ask_inventory, 1},
    {"report exceptions, one check", ask_exceptions, 1},
};

/* ---- measuring ---- */

/* Processor seconds to read and check one record. All times here are: they hardly depend on what
 * else the machine does, and small and large are measured minutes apart. */
static double read_time(struct bench_ledger *bench)
{
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    bench_check(ml_view_begin(bench->ledger, &view));
    ml_arena_init(&arena, (size_t)1 << 26);
    double start = bench_cpu_seconds();
    for (uint64_t i = 0; i < READS; i++) {
        ml_arena_clear(&arena);
        bench_check(ml_view_record(&view, i * 7919 % (view.head.size - 1), &arena, &record));
    }
    double seconds = (bench_cpu_seconds() - start) / READS;
    ml_arena_release(&arena);
    ml_view_end(&view);
    return seconds;
}

/* Processor seconds for one answer, the mean of its rounds. */
static double measure(struct bench_ledger *bench, const struct question *question,
                      size_t *ret_records)
{
    double seconds = 0;
    for (int i = 0; i < question->rounds; i++) {
        struct ml_view view;
        bench_check(ml_view_begin(bench->ledger, &view));
        struct asked asked = {.view = &view};
        ml_reader_init(&asked.reader, &view, view.head.size - 1);
        double start = bench_cpu_seconds();
        *ret_records = question->ask(&asked);
        seconds += bench_cpu_seconds() - start;
        ml_reader_release(&asked.reader);
        ml_basis_release(&asked.basis);
        ml_view_end(&view);
    }
    return seconds / question->rounds;
}

int main(void)
{
    static struct bench_ledger bench;
    double small[ML_COUNT(questions)];
    size_t records;
    struct ml_head head;
    bench_ledger_init(&bench);
    add_stock(&bench);
    bench_fill(&bench, 0, SMALL, BATCH);
    for (size_t i = 0; i < ML_COUNT(questions); i++) {
        (void)measure(&bench, &questions[i], &records); /* warm */
        small[i] = measure(&bench, &questions[i], &records);
    }
    bench_check(ml_ledger_head(bench.ledger, &head));
    bench_fill(&bench, SMALL, LARGE - (size_t)head.size, BATCH);
    for (size_t i = 0; i < ML_COUNT(questions); i++) {
        (void)measure(&bench, &questions[i], &records);
        double large = measure(&bench, &questions[i], &records);
        double limit = read_time(&bench) * (double)records;
        printf("%-30s %10.3f ms, %zu records: %.2f of the limit, %.2f times as long as of %d (goal "
               "1)\n",
               questions[i].name, large * 1e3, records, limit / large, large / small[i],
               (int)head.size);
    }
    bench_ledger_release(&bench);
    return 0;
}
