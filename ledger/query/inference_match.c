/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/inference_match.h"

#include <math.h>

#include "ledger/core/hex.h"

static int compare_params(const void *a, const void *b)
{
    return strcmp(((const struct ml_run_param *)a)->key, ((const struct ml_run_param *)b)->key);
}

static int add_param(struct ml_run_facts *facts, const char *key, const char *value)
{
    for (size_t i = 0; i < facts->n_params; i++)
        if (strcmp(facts->params[i].key, key) == 0) {
            facts->params[i].value = value;
            return MLEDGER_OK;
        }
    ML_TRY(ml_grow(&facts->params, &facts->cap_params, facts->n_params + 1, sizeof *facts->params));
    facts->params[facts->n_params++] = (struct ml_run_param){key, value};
    return MLEDGER_OK;
}

static int add_outputs(struct ml_run_facts *facts, Mledger__Artifact *const *artifacts,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < artifacts[i]->n_digests; k++) {
            if (ml_digest_is_empty(artifacts[i]->digests[k]))
                continue;
            ML_TRY(ml_grow(&facts->outputs, &facts->cap_outputs, facts->n_outputs + 1,
                           sizeof *facts->outputs));
            facts->outputs[facts->n_outputs++] = artifacts[i]->digests[k];
        }
    return MLEDGER_OK;
}

/* A tag's text as a commit: 40 or 64 hexadecimal digits. NULL: it is none. */
static int commit_of_tag(struct ml_reader *reader, const char *text,
                         const Mledger__Digest **ret_commit)
{
    size_t len = strlen(text);
    *ret_commit = NULL;
    if (len != 40 && len != 64)
        return MLEDGER_OK;
    Mledger__Digest *commit = ml_arena_alloc(&reader->arena, sizeof *commit);
    uint8_t *value = ml_arena_alloc(&reader->arena, len / 2);
    if (!commit || !value)
        return ml_arena_fail(&reader->arena, "a run");
    if (ml_hex_decode_any_case(text, len, value, len / 2) < 0) {
        ml_error_clear(); /* some other text: no commit */
        return MLEDGER_OK;
    }
    mledger__digest__init(commit);
    commit->algorithm = MLEDGER__ALGORITHM__GIT;
    commit->standing = MLEDGER__STANDING__CLAIMED;
    commit->value.data = value;
    commit->value.len = len / 2;
    *ret_commit = commit;
    return MLEDGER_OK;
}

static bool is_commit_tag(const char *tag)
{
    static const char *const tags[] = {"mlflow.source.git.commit", "git_sha", "code_version"};
    for (size_t i = 0; i < ML_COUNT(tags); i++)
        if (strcmp(tag, tags[i]) == 0)
            return true;
    return false;
}

/* A recorded commit counts before one in a tag; of tags the first recorded counts. */
static int read_tags(struct ml_reader *reader, char *const *tags, size_t count,
                     const Mledger__Details *details, uint64_t seq, struct ml_run_facts *facts)
{
    for (size_t i = 0; i < count && details && i < details->n_tag_values && !facts->commit; i++) {
        if (!is_commit_tag(tags[i]))
            continue;
        ML_TRY(commit_of_tag(reader, details->tag_values[i], &facts->commit));
        facts->commit_seq = seq;
        facts->commit_from_tag = facts->commit != NULL;
    }
    return MLEDGER_OK;
}

static void set_commit(struct ml_run_facts *facts, const Mledger__Digest *commit, uint64_t seq)
{
    if (!commit)
        return;
    facts->commit = commit;
    facts->commit_seq = seq;
    facts->commit_from_tag = false;
}

static int read_logged(struct ml_reader *reader, const struct ml_record *record,
                       struct ml_run_facts *facts)
{
    const Mledger__RunLogged *logged = record->event->run_logged;
    set_commit(facts, logged->commit, record->header->seq);
    ML_TRY(add_outputs(facts, logged->outputs, logged->n_outputs));
    if (logged->n_params == 0 && logged->n_tags == 0)
        return MLEDGER_OK;
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(reader, record, &details));
    for (size_t i = 0; details && i < logged->n_params && i < details->n_param_values; i++)
        ML_TRY(add_param(facts, logged->params[i], details->param_values[i]));
    return read_tags(reader, logged->tags, logged->n_tags, details, record->header->seq, facts);
}

static int read_fact(struct ml_reader *reader, const struct ml_record *record,
                     struct ml_run_facts *facts)
{
    const Mledger__Event *event = record->event;
    const Mledger__Details *details;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        set_commit(facts, event->run_started->commit, record->header->seq);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return read_logged(reader, record, facts);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return add_outputs(facts, event->artifact_recorded->artifacts,
                           event->artifact_recorded->n_artifacts);
    case MLEDGER__EVENT__KIND_TAGS_SET:
        ML_TRY(ml_reader_details(reader, record, &details));
        return read_tags(reader, event->tags_set->tags, event->tags_set->n_tags, details,
                         record->header->seq, facts);
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        facts->ended = event->run_ended->status;
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_LINK_CONFIRMED:
        facts->is_confirmed = true;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

int ml_run_facts_read(struct ml_reader *reader, uint64_t run, struct ml_run_facts *ret_facts)
{
    ML_CLEANUP(ml_run_facts_release) struct ml_run_facts facts = {.run = run};
    struct ml_state_key prefix = ml_index_subject_prefix(run);
    const struct ml_record **records;
    size_t count;
    ML_TRY(ml_reader_records(reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++)
        ML_TRY(read_fact(reader, records[i], &facts));
    if (facts.n_params)
        qsort(facts.params, facts.n_params, sizeof *facts.params, compare_params);
    *ret_facts = facts;
    facts = (struct ml_run_facts){0};
    return MLEDGER_OK;
}

void ml_run_facts_release(struct ml_run_facts *facts)
{
    free(facts->params);
    free(facts->outputs);
}

bool ml_param_value_equal(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    if (a[0] == '\0' || b[0] == '\0')
        return false;
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    return *end_a == '\0' && *end_b == '\0' && isfinite(x) && isfinite(y) && x == y;
}

/* "params.yaml:train.lr" says more than "train.lr", that more than "lr". */
int ml_param_key_fit(const char *run_key, const Mledger__PipelineParam *param)
{
    size_t file = strlen(param->file);
    if (strncmp(run_key, param->file, file) == 0 && run_key[file] == ':' &&
        strcmp(run_key + file + 1, param->key) == 0)
        return 1000;
    if (strcmp(run_key, param->key) == 0)
        return 999;
    int fit = 998;
    for (const char *dot = strchr(param->key, '.'); dot && fit > 1; dot = strchr(dot + 1, '.')) {
        if (strcmp(run_key, dot + 1) == 0)
            return fit;
        fit--;
    }
    return 0;
}

static bool param_equal(const struct ml_run_facts *facts, const Mledger__PipelineParam *param,
                        const char *value)
{
    const struct ml_run_param *best = NULL;
    int best_fit = 0;
    for (size_t i = 0; i < facts->n_params; i++) {
        int fit = ml_param_key_fit(facts->params[i].key, param);
        if (fit > best_fit) {
            best_fit = fit;
            best = &facts->params[i];
        }
    }
    return best && ml_param_value_equal(best->value, value);
}

static bool is_output(const struct ml_run_facts *facts, const Mledger__PipelineFile *out)
{
    for (size_t i = 0; i < facts->n_outputs; i++)
        for (size_t k = 0; k < out->n_digests; k++)
            if (ml_digest_compare(facts->outputs[i], out->digests[k]) == 0)
                return true;
    return false;
}

void ml_match_stage(const struct ml_run_facts *facts, const Mledger__Details *details,
                    struct ml_match *match)
{
    const Mledger__PipelineStage *stage = match->snapshot->stages[match->stage];
    size_t first = match->snapshot->first_param[match->stage];
    match->params = stage->n_params;
    for (size_t i = 0; i < stage->n_params; i++)
        if (details && first + i < details->n_param_values)
            match->params_equal +=
                param_equal(facts, stage->params[i], details->param_values[first + i]);
    for (size_t i = 0; i < stage->n_outs; i++)
        match->outputs_equal += is_output(facts, stage->outs[i]);
}
