/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_new.h"

#include <errno.h>
#include <unistd.h>

#include "cli/parts.h"
#include "ingest/git.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"

enum { RUN_ID_BYTES = 16, EXPERIMENT_ID_DIGITS = 18 };

static int draw_random(void *bytes, size_t len)
{
    return getentropy(bytes, len) < 0 ? ml_fail_errno(errno, "cannot draw random numbers")
                                      : MLEDGER_OK;
}

/* The run's id, as it was given or made. */
static int choose_id(const struct ml_invocation *invocation, struct ml_draft *draft, char **ret_id)
{
    char made[ML_HEX_SIZE(RUN_ID_BYTES)];
    const char *id = ml_option_text(invocation, "id", NULL);
    if (id && (!*id || strchr(id, '/')))
        return ml_fail(MLEDGER_EUSAGE, "--id must not be empty or hold a '/', as in '%s'", id);
    if (!id) {
        uint8_t bytes[RUN_ID_BYTES];
        ML_TRY(draw_random(bytes, sizeof bytes));
        ml_hex_encode(made, bytes, sizeof bytes);
        id = made;
    }
    *ret_id = ml_draft_text(draft, id);
    return *ret_id ? MLEDGER_OK : ml_fail_memory();
}

/* ---- commit ---- */

/* The commit checked out here. MLEDGER_ENOTFOUND: there is no repository, or no commit in it. */
static int read_head(struct ml_digest *ret_commit)
{
    ML_CLEANUP(ml_git_freep) struct ml_git *git = NULL;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_git_commit head;
    ML_TRY(ml_git_open(".", &git));
    ML_TRY(ml_git_head(git, &pool, &head));
    return ml_values_commit("HEAD", head.id, ret_commit);
}

static int add_commit(const struct ml_invocation *invocation, struct ml_draft *draft,
                      Mledger__RunStarted *started)
{
    const char *text = ml_option_text(invocation, "commit", "auto");
    const bool from_head = strcmp(text, "auto") == 0;
    const bool is_asked_for = ml_option_given(invocation, "commit");
    struct ml_digest commit;
    if (strcmp(text, "none") == 0)
        return MLEDGER_OK;
    const int result = from_head ? read_head(&commit) : ml_values_commit("--commit", text, &commit);
    if (result == MLEDGER_ENOTFOUND && !is_asked_for)
        return MLEDGER_OK;
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "--commit=auto: no Git repository with a commit is here");
    ML_TRY(result);
    started->commit =
        ml_draft_digest(draft, commit.algorithm, commit.value, commit.len,
                        from_head ? MLEDGER__STANDING__SEEN : MLEDGER__STANDING__CLAIMED);
    return started->commit ? MLEDGER_OK : ml_fail_memory();
}

/* ---- experiment ---- */

static int is_experiment_there(struct ml_session *session, const char *name, bool *ret_there)
{
    struct ml_view view;
    uint64_t seq;
    ML_TRY(ml_view_begin(session->ledger, &view));
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    Mledger__SubjectState *state = NULL;
    int result = ml_state_find(view.state, MLEDGER__SUBJECT_KIND__EXPERIMENT, name, &seq);
    if (result == MLEDGER_OK)
        result = ml_state_subject(view.state, seq, &arena, &state);
    ml_view_end(&view);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    *ret_there = state && !state->has_deleted;
    return MLEDGER_OK;
}

/* An id as MLflow makes them: decimal, not beginning with 0. */
static int make_experiment_id(char ret_id[EXPERIMENT_ID_DIGITS + 1])
{
    uint8_t bytes[EXPERIMENT_ID_DIGITS];
    ML_TRY(draw_random(bytes, sizeof bytes));
    for (size_t i = 0; i < EXPERIMENT_ID_DIGITS; i++)
        ret_id[i] = (char)(i == 0 ? '1' + bytes[i] % 9 : '0' + bytes[i] % 10);
    ret_id[EXPERIMENT_ID_DIGITS] = '\0';
    return MLEDGER_OK;
}

/* A draft that creates the experiment, unless it is there. */
static int add_experiment(struct ml_recording *recording, const char *name)
{
    bool is_there;
    char id[EXPERIMENT_ID_DIGITS + 1];
    Mledger__ExperimentCreated *created;
    ML_TRY(is_experiment_there(&recording->session, name, &is_there));
    if (is_there)
        return MLEDGER_OK;
    ML_TRY(make_experiment_id(id));
    ML_TRY(ml_recording_add(recording, "experiment_created", &created));
    struct ml_draft *draft = ml_recording_draft(recording);
    created->name = ml_draft_text(draft, name);
    created->experiment_id = ml_draft_text(draft, id);
    return created->name && created->experiment_id ? MLEDGER_OK : ml_fail_memory();
}

/* ---- run ---- */

static int fill_started(struct ml_recording *recording, Mledger__RunStarted *started)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    struct ml_draft *draft = ml_recording_draft(recording);
    const char *experiment = ml_option_text(invocation, "experiment", NULL);
    const char *parent = ml_option_text(invocation, "parent", NULL);
    const char *name = ml_option_text(invocation, "name", NULL);
    ML_TRY(choose_id(invocation, draft, &started->run_id));
    ML_TRY(add_commit(invocation, draft, started));
    started->name = ml_draft_text(draft, name);
    started->parent_run_id = ml_draft_text(draft, parent);
    if ((name && !started->name) || (parent && !started->parent_run_id))
        return ml_fail_memory();
    if (!experiment)
        return MLEDGER_OK;
    started->has_experiment = true;
    return ml_draft_name(draft, &started->experiment, MLEDGER__SUBJECT_KIND__EXPERIMENT,
                         "run_started.experiment", experiment);
}

int ml_run_new_add(struct ml_recording *recording, Mledger__RunStarted **ret_started)
{
    const char *experiment = ml_option_text(recording->session.invocation, "experiment", NULL);
    Mledger__RunStarted *started;
    if (experiment)
        ML_TRY(add_experiment(recording, experiment));
    recording->main = recording->count;
    ML_TRY(ml_recording_add(recording, "run_started", &started));
    ML_TRY(fill_started(recording, started));
    ML_TRY(ml_recording_fact(recording, "run_id", json_string(started->run_id)));
    *ret_started = started;
    return MLEDGER_OK;
}
