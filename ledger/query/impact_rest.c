/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of the models concerned that were not reached. */
#include <inttypes.h>

#include "ledger/query/impact_private.h"

static const char production[] = "Production";

struct rest {
    struct ml_reader *reader;
    struct ml_basis *basis;
    bool of_code; /* a commit is asked about */
    struct ml_impact_version *list;
    size_t count, cap;
};

static void release_rest(struct rest *rest)
{
    free(rest->list);
}

/* ---- what is known of how it came about ---- */

struct origin {
    bool has_data, has_code;
};

static int look_at_run(struct ml_reader *reader, uint64_t run, struct origin *origin)
{
    struct ml_state_key prefix = ml_index_subject_prefix(run);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++) {
        const Mledger__Event *event = records[i]->event;
        if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
            origin->has_code |= event->run_started->commit != NULL;
        if (event->kind_case == MLEDGER__EVENT__KIND_LINK_CONFIRMED)
            *origin = (struct origin){true, true};
        if (event->kind_case != MLEDGER__EVENT__KIND_RUN_LOGGED)
            continue;
        origin->has_code |= event->run_logged->commit != NULL;
        origin->has_data |= event->run_logged->n_inputs > 0;
    }
    return MLEDGER_OK;
}

/* A pipeline that made one of its files tells both. */
static int look_at_files(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                         struct origin *origin)
{
    for (size_t i = 0; i < registered->n_artifacts; i++)
        for (size_t k = 0; k < registered->artifacts[i]->n_digests; k++) {
            const Mledger__Digest *digest = registered->artifacts[i]->digests[k];
            struct ml_state_key prefix = ml_index_digest_prefix(
                digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), true);
            const struct ml_record *record;
            uint64_t *seqs;
            size_t count;
            bool more;
            ML_TRY(ml_reader_seqs(reader, &prefix, 1, &seqs, &count, &more));
            if (count == 0)
                continue;
            ML_TRY(ml_reader_record(reader, seqs[0], &record));
            if (record->event->kind_case == MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
                *origin = (struct origin){true, true};
        }
    return MLEDGER_OK;
}

static int find_origin(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                       struct origin *ret_origin)
{
    struct origin origin = {0};
    uint64_t run = registered->run_ref;
    int result = MLEDGER_OK;
    if (!registered->has_run_ref)
        result = registered->run_id
                     ? ml_reader_find(reader, MLEDGER__SUBJECT_KIND__RUN, registered->run_id, &run)
                     : MLEDGER_ENOTFOUND;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_OK)
        ML_TRY(look_at_run(reader, run, &origin));
    ML_TRY(look_at_files(reader, registered, &origin));
    for (size_t i = 0; i < registered->n_artifacts; i++)
        origin.has_data |= registered->artifacts[i]->n_derived_from > 0;
    *ret_origin = origin;
    return MLEDGER_OK;
}

/* That nothing leads to it says little where it is not known what it came from. */
static int note_origin(struct rest *rest, const struct ml_impact_version *version)
{
    struct origin origin;
    ML_TRY(find_origin(rest->reader, version->past.registered, &origin));
    if (rest->of_code ? origin.has_code : origin.has_data)
        return MLEDGER_OK;
    return ml_basis_unknown(rest->basis, "%s is not reached, but no record says %s it was trained",
                            version->name, rest->of_code ? "with which code" : "on what");
}

/* ---- how much it was trusted ---- */

/* The newest decision about Production counts, whoever's it is. */
static int find_approval(struct ml_reader *reader, struct ml_impact_version *version)
{
    struct ml_state_key prefix = ml_index_version_prefix(version->model, version->version);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++) {
        const Mledger__Event *event = records[i]->event;
        const Mledger__ApprovalRecorded *approval = event->approval_recorded;
        if (event->kind_case != MLEDGER__EVENT__KIND_APPROVAL_RECORDED ||
            strcmp(approval->stage, production) != 0)
            continue;
        version->approved_seq = approval->decision == MLEDGER__DECISION__GRANTED
                                    ? records[i]->header->seq
                                    : MLEDGER_NO_SEQ;
    }
    return MLEDGER_OK;
}

static uint64_t newer(uint64_t a, uint64_t b)
{
    if (a == MLEDGER_NO_SEQ || b == MLEDGER_NO_SEQ)
        return a == MLEDGER_NO_SEQ ? b : a;
    return a > b ? a : b;
}

static void find_trust(struct ml_impact_version *version)
{
    version->trusted_seq = version->approved_seq;
    for (size_t i = 0; i < version->past.n_intervals; i++) {
        const struct ml_stage_interval *interval = &version->past.intervals[i];
        if (strcmp(interval->stage, production) != 0)
            continue;
        version->production = interval;
        version->trusted_seq =
            newer(version->trusted_seq, newer(interval->from_seq, interval->to_seq));
    }
}

static int compare_rest(const void *a, const void *b)
{
    const struct ml_impact_version *x = a, *y = b;
    if (x->model != y->model)
        return x->model < y->model ? -1 : 1;
    if (x->trusted_seq != y->trusted_seq) {
        if (x->trusted_seq == MLEDGER_NO_SEQ || y->trusted_seq == MLEDGER_NO_SEQ)
            return x->trusted_seq == MLEDGER_NO_SEQ ? 1 : -1;
        return x->trusted_seq > y->trusted_seq ? -1 : 1;
    }
    return x->version > y->version ? -1 : x->version < y->version;
}

/* ---- all of them ---- */

/* The name as the versions that were reached have it, up to the number. */
static const char *name_like(struct ml_reader *reader, const struct ml_impact_version *like,
                             uint64_t number)
{
    const char *slash = strrchr(like->name, '/');
    return ml_arena_printf(&reader->arena, "%.*s/%" PRIu64, (int)(slash - like->name), like->name,
                           number);
}

static int add_version(struct rest *rest, const struct ml_impact_version *like, uint64_t number)
{
    struct ml_impact_version version = {.model = like->model,
                                        .version = number,
                                        .verdict = ML_IMPACT_UNAFFECTED,
                                        .weakest = ML_EDGE_RECORDED,
                                        .node = SIZE_MAX,
                                        .trusted_seq = MLEDGER_NO_SEQ,
                                        .approved_seq = MLEDGER_NO_SEQ};
    int result = ml_version_past(rest->reader, like->model, number, &version.past);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* newer than the question */
    ML_TRY(result);
    if (version.past.deleted_seq != MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    version.name = name_like(rest->reader, like, number);
    if (!version.name)
        return ml_arena_fail(&rest->reader->arena, "the impact");
    ML_TRY(ml_endpoint_intervals(rest->reader, like->model, number, &version.deployed,
                                 &version.n_deployed));
    ML_TRY(find_approval(rest->reader, &version));
    find_trust(&version);
    ML_TRY(note_origin(rest, &version));
    ML_TRY(ml_grow(&rest->list, &rest->cap, rest->count + 1, sizeof version));
    rest->list[rest->count++] = version;
    return MLEDGER_OK;
}

static int compare_versions(const void *a, const void *b)
{
    const struct ml_impact_version *x = *(const struct ml_impact_version *const *)a;
    const struct ml_impact_version *y = *(const struct ml_impact_version *const *)b;
    if (x->model != y->model)
        return x->model < y->model ? -1 : 1;
    return x->version < y->version ? -1 : x->version > y->version;
}

/* Among `count` versions of one model, by number. */
static bool is_reached(const struct ml_impact_version *const *reached, size_t count,
                       uint64_t number)
{
    const struct ml_impact_version key = {.model = reached[0]->model, .version = number};
    const struct ml_impact_version *pointer = &key;
    return bsearch(&pointer, reached, count, sizeof *reached, compare_versions) != NULL;
}

/* The others of the model of `count` versions that were reached. */
static int add_model(struct rest *rest, const struct ml_impact_version *const *reached,
                     size_t count)
{
    struct ml_state_key prefix = ml_index_subject_prefix(reached[0]->model);
    uint64_t *seqs;
    size_t n_seqs;
    bool more;
    ML_TRY(ml_reader_seqs(rest->reader, &prefix, SIZE_MAX, &seqs, &n_seqs, &more));
    for (size_t i = 0; i < n_seqs; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(rest->reader, seqs[i], &record));
        if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
            continue;
        uint64_t number = record->event->version_registered->version;
        if (!is_reached(reached, count, number))
            ML_TRY(add_version(rest, reached[0], number));
    }
    return MLEDGER_OK;
}

static bool asks_about_code(const struct ml_graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        if ((graph->nodes[i].flags & ML_NODE_START) && graph->nodes[i].kind == ML_NODE_COMMIT)
            return true;
    return false;
}

static int keep(struct rest *rest, struct ml_impact *impact)
{
    impact->unaffected = ml_arena_calloc(&rest->reader->arena, rest->count + 1, sizeof *rest->list);
    if (!impact->unaffected)
        return ml_arena_fail(&rest->reader->arena, "the impact");
    if (rest->count) {
        qsort(rest->list, rest->count, sizeof *rest->list, compare_rest);
        memcpy(impact->unaffected, rest->list, rest->count * sizeof *rest->list);
    }
    impact->n_unaffected = rest->count;
    return MLEDGER_OK;
}

int ml_impact_unaffected(struct ml_reader *reader, struct ml_impact *impact, struct ml_basis *basis)
{
    ML_CLEANUP(release_rest)
    struct rest rest = {
        .reader = reader, .basis = basis, .of_code = asks_about_code(impact->graph)};
    ML_CLEANUP(ml_freep)
    const struct ml_impact_version **reached = ml_calloc(impact->n_reached + 1, sizeof *reached);
    if (!reached)
        return ml_fail_memory();
    for (size_t i = 0; i < impact->n_reached; i++)
        reached[i] = &impact->reached[i];
    if (impact->n_reached)
        qsort(reached, impact->n_reached, sizeof *reached, compare_versions);
    for (size_t i = 0, end; i < impact->n_reached; i = end) {
        for (end = i; end < impact->n_reached && reached[end]->model == reached[i]->model;)
            end++;
        ML_TRY(add_model(&rest, &reached[i], end - i));
    }
    return keep(&rest, impact);
}
