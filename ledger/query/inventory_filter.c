/* SPDX-License-Identifier: Apache-2.0 */
/* The conditions of an inventory, held against a model and its versions. */
#include <inttypes.h>

#include "ledger/query/input_role.h"
#include "ledger/query/inventory_private.h"

static bool is_of_model(const struct ml_condition *condition)
{
    return condition->field == ML_FILTER_NAME || condition->field == ML_FILTER_OWNER;
}

bool stock_chooses_versions(const struct stock *stock)
{
    const struct ml_filter *filter = stock->options->filter;
    for (size_t i = 0; filter && i < filter->count; i++)
        if (!is_of_model(&filter->conditions[i]))
            return true;
    return false;
}

static void use(struct stock_version *at, uint64_t seq)
{
    if (at->n_used < ML_COUNT(at->used))
        at->used[at->n_used++] = seq;
}

static int find_run(struct stock *stock, struct stock_version *at)
{
    if (!at->run_known)
        ML_TRY(ml_version_run(&stock->reader, at->version->registered, &at->run));
    at->run_known = true;
    return MLEDGER_OK;
}

/* ---- texts ---- */

static enum ml_filter_answer match_text(const struct ml_condition *condition, const char *text)
{
    return ml_condition_texts(condition, &text, text ? 1 : 0);
}

static int match_aliases(struct stock *stock, const struct stock_version *at,
                         const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    const struct ml_model_past *past = &stock->past;
    const char **texts = ml_arena_calloc(&stock->reader.arena, past->n_aliases + 1, sizeof *texts);
    size_t count = 0;
    if (!texts)
        return ml_arena_fail(&stock->reader.arena, "the aliases of a model");
    for (size_t i = 0; i < past->n_aliases; i++)
        if (past->aliases[i].version == at->version->version)
            texts[count++] = past->aliases[i].alias;
    *ret_answer = ml_condition_texts(condition, texts, count);
    return MLEDGER_OK;
}

static bool serves(const struct ml_model_deployment *deployment, uint64_t model, uint64_t version)
{
    if (deployment->until_seq != MLEDGER_NO_SEQ)
        return false;
    for (size_t i = 0; i < deployment->event->n_targets; i++) {
        const Mledger__DeploymentTarget *target = deployment->event->targets[i];
        if (target->model == model && target->version == version && target->share_ppm > 0)
            return true;
    }
    return false;
}

static int match_deployed(struct stock *stock, const struct stock_version *at,
                          const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    const struct ml_model_past *past = &stock->past;
    const char **texts =
        ml_arena_calloc(&stock->reader.arena, past->n_deployments + 1, sizeof *texts);
    size_t count = 0;
    if (!texts)
        return ml_arena_fail(&stock->reader.arena, "the deployments of a model");
    for (size_t i = 0; i < past->n_deployments; i++)
        if (serves(&past->deployments[i], past->seq, at->version->version))
            texts[count++] = past->deployments[i].event->endpoint;
    *ret_answer = ml_condition_texts(condition, texts, count);
    return MLEDGER_OK;
}

/* Of the version, else of its model. */
static enum ml_filter_answer match_tag(const struct stock *stock, struct stock_version *at,
                                       const struct ml_condition *condition)
{
    const struct ml_model_tag *tag =
        ml_model_tag(&stock->past, at->version->version, condition->key);
    if (!tag)
        tag = ml_model_tag(&stock->past, 0, condition->key);
    if (tag)
        use(at, tag->seq);
    return match_text(condition, tag ? tag->text : NULL);
}

static enum ml_filter_answer match_validation(const struct stock *stock, struct stock_version *at,
                                              const struct ml_condition *condition)
{
    const struct ml_model_validation *newest =
        ml_model_validation(&stock->past, at->version->version);
    if (!newest)
        return match_text(condition, NULL);
    use(at, newest->record->header->seq);
    return match_text(condition,
                      newest->event->outcome == MLEDGER__OUTCOME__PASSED ? "passed" : "not_passed");
}

/* A run that says what it was tested on, or a validation that says on what. */
static int match_held_out(struct stock *stock, struct stock_version *at,
                          const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    ML_TRY(find_run(stock, at));
    uint64_t seq = at->run ? ml_run_held_out(at->run) : MLEDGER_NO_SEQ;
    for (size_t i = 0; i < stock->past.n_validations && seq == MLEDGER_NO_SEQ; i++) {
        const struct ml_model_validation *validation = &stock->past.validations[i];
        if (validation->event->version == at->version->version && validation->event->n_inputs > 0)
            seq = validation->record->header->seq;
    }
    if (seq != MLEDGER_NO_SEQ)
        use(at, seq);
    *ret_answer = match_text(condition, seq != MLEDGER_NO_SEQ ? "yes" : "no");
    return MLEDGER_OK;
}

/* ---- numbers and times ---- */

static int match_metric(struct stock *stock, struct stock_version *at,
                        const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    double number;
    uint64_t seq;
    ML_TRY(find_run(stock, at));
    bool known = at->run && ml_run_metric(at->run, condition->key, &number, &seq);
    if (known)
        use(at, seq);
    *ret_answer = ml_condition_number(condition, known ? &number : NULL);
    return MLEDGER_OK;
}

static int match_data(struct stock *stock, struct stock_version *at,
                      const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    struct ml_data_time time = {0};
    ML_TRY(find_run(stock, at));
    if (at->run)
        ML_TRY(ml_run_data_time(&stock->reader, at->run, &time));
    if (time.known) {
        use(at, time.dataset_seq);
        use(at, time.input_seq);
    }
    *ret_answer =
        ml_condition_time(condition, time.known ? &time.time_us : NULL, stock->options->now_us);
    return MLEDGER_OK;
}

static enum ml_filter_answer match_validated(const struct stock *stock, struct stock_version *at,
                                             const struct ml_condition *condition)
{
    const struct ml_model_validation *newest =
        ml_model_validation(&stock->past, at->version->version);
    if (newest)
        use(at, newest->record->header->seq);
    return ml_condition_time(condition, newest ? &newest->record->header->recorded_at : NULL,
                             stock->options->now_us);
}

static enum ml_filter_answer match_version(const struct stock_version *at,
                                           const struct ml_condition *condition)
{
    double number = (double)at->version->version;
    return ml_condition_number(condition, &number);
}

static int match_exceptions(struct stock *stock, const struct stock_version *at,
                            const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    size_t count;
    ML_TRY(ml_exceptions_count(&stock->reader, &stock->past, at->version->version,
                               stock->options->now_us, NULL, &count));
    double number = (double)count;
    *ret_answer = ml_condition_number(condition, &number);
    return MLEDGER_OK;
}

/* ---- a condition, and all of them ---- */

static int match(struct stock *stock, struct stock_version *at,
                 const struct ml_condition *condition, enum ml_filter_answer *ret_answer)
{
    int64_t now_us = stock->options->now_us;
    switch (condition->field) {
    case ML_FILTER_NAME:
        *ret_answer = match_text(condition, stock->past.name);
        return MLEDGER_OK;
    case ML_FILTER_OWNER:
        *ret_answer = match_text(condition, stock->owner);
        return MLEDGER_OK;
    case ML_FILTER_STAGE:
        *ret_answer = match_text(condition, at->version->stage);
        return MLEDGER_OK;
    case ML_FILTER_ALIAS:
        return match_aliases(stock, at, condition, ret_answer);
    case ML_FILTER_VALIDATION:
        *ret_answer = match_validation(stock, at, condition);
        return MLEDGER_OK;
    case ML_FILTER_DEPLOYED:
        return match_deployed(stock, at, condition, ret_answer);
    case ML_FILTER_HOLDOUT:
        return match_held_out(stock, at, condition, ret_answer);
    case ML_FILTER_TAG:
        *ret_answer = match_tag(stock, at, condition);
        return MLEDGER_OK;
    case ML_FILTER_VERSION:
        *ret_answer = match_version(at, condition);
        return MLEDGER_OK;
    case ML_FILTER_EXCEPTIONS:
        return match_exceptions(stock, at, condition, ret_answer);
    case ML_FILTER_METRIC:
        return match_metric(stock, at, condition, ret_answer);
    case ML_FILTER_REGISTERED:
    case ML_FILTER_REGISTERED_AGE:
        *ret_answer =
            ml_condition_time(condition, &at->version->record->header->recorded_at, now_us);
        return MLEDGER_OK;
    case ML_FILTER_CHANGED:
    case ML_FILTER_CHANGED_AGE:
        *ret_answer = ml_condition_time(condition, &at->version->last_us, now_us);
        return MLEDGER_OK;
    case ML_FILTER_VALIDATED:
    case ML_FILTER_VALIDATED_AGE:
        *ret_answer = match_validated(stock, at, condition);
        return MLEDGER_OK;
    case ML_FILTER_DATA_AGE:
        return match_data(stock, at, condition, ret_answer);
    case ML_FILTER_FIELDS:
        break;
    }
    *ret_answer = ML_FILTER_NO;
    return MLEDGER_OK;
}

static int note_unknown(struct stock *stock, size_t condition,
                        const struct ml_model_version *version)
{
    struct stock_unknown *unknown = &stock->unknown[condition];
    if (unknown->count < STOCK_EXAMPLES) {
        char *text = ml_arena_printf(&stock->inventory->arena, "%s/%" PRIu64, stock->past.name,
                                     version->version);
        if (!text)
            return ml_arena_fail(&stock->inventory->arena, "the inventory");
        unknown->examples[unknown->count] = text;
    }
    unknown->count++;
    return MLEDGER_OK;
}

int stock_matches(struct stock *stock, struct stock_version *version,
                  enum ml_filter_answer *ret_answer)
{
    const struct ml_filter *filter = stock->options->filter;
    bool unknown[ML_FILTER_CONDITIONS] = {false};
    *ret_answer = ML_FILTER_YES;
    for (size_t i = 0; filter && i < filter->count; i++) {
        const struct ml_condition *condition = &filter->conditions[i];
        enum ml_filter_answer one = ML_FILTER_YES;
        if (is_of_model(condition) == (version == NULL))
            ML_TRY(match(stock, version, condition, &one));
        unknown[i] = one == ML_FILTER_NOT_KNOWN;
        if (one == ML_FILTER_NO) {
            *ret_answer = ML_FILTER_NO;
            return MLEDGER_OK;
        }
    }
    for (size_t i = 0; filter && i < filter->count; i++) {
        if (!unknown[i])
            continue;
        assert(version); /* of a model texts alone are asked, and these are known */
        *ret_answer = ML_FILTER_NO;
        ML_TRY(note_unknown(stock, i, version->version));
    }
    return MLEDGER_OK;
}

static int say_unknown(struct stock *stock, const struct ml_condition *condition,
                       const struct stock_unknown *unknown)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_condition one = *condition;
    const struct ml_filter filter = {.conditions = &one, .count = 1};
    size_t shown = unknown->count < STOCK_EXAMPLES ? unknown->count : STOCK_EXAMPLES;
    ML_TRY(ml_filter_write(&filter, &text));
    ML_TRY(ml_buf_printf(&text, " cannot be judged of %zu version%s, left out: ", unknown->count,
                         unknown->count == 1 ? "" : "s"));
    for (size_t i = 0; i < shown; i++)
        ML_TRY(ml_buf_printf(&text, "%s%s", i ? ", " : "", unknown->examples[i]));
    if (unknown->count > shown)
        ML_TRY(ml_buf_printf(&text, " and %zu more", unknown->count - shown));
    return ml_basis_unknown(stock->basis, "%.*s", (int)text.len, (const char *)text.data);
}

int stock_say_unknown(struct stock *stock)
{
    const struct ml_filter *filter = stock->options->filter;
    for (size_t i = 0; filter && i < filter->count; i++)
        if (stock->unknown[i].count > 0)
            ML_TRY(say_unknown(stock, &filter->conditions[i], &stock->unknown[i]));
    return MLEDGER_OK;
}
