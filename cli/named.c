/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/named.h"

#include <inttypes.h>

static const char *kind_text(enum ml_target_kind kind)
{
    static const char *const texts[] = {
        [ML_TARGET_RECORD] = "a record",     [ML_TARGET_MODEL] = "a model",
        [ML_TARGET_VERSION] = "a version",   [ML_TARGET_RUN] = "a run",
        [ML_TARGET_CONTENT] = "content",     [ML_TARGET_DATASET] = "a dataset",
        [ML_TARGET_PIPELINE] = "a pipeline", [ML_TARGET_EXPERIMENT] = "an experiment",
        [ML_TARGET_ACTOR] = "an actor",      [ML_TARGET_LOGGED_MODEL] = "a logged model",
    };
    return (size_t)kind < ML_COUNT(texts) ? texts[kind] : "something else";
}

/* A bare word is the name of what is asked for, whatever else bears it. */
static int resolve(struct ml_reader *reader, const char *text, enum ml_reference_form word,
                   struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    const bool is_number = reference.form == ML_REFERENCE_RECORD && text[0] != '#';
    if (reference.form == ML_REFERENCE_WORD || is_number) {
        reference.form = word;
        reference.name = reference.whole;
    }
    reference.bare = false;
    return ml_reference_resolve(reader, &reference, ret_target);
}

static int fail_kind(const char *text, const struct ml_target *target, const char *wanted)
{
    return ml_fail(MLEDGER_EUSAGE, "'%s' is %s, not %s", text, kind_text(target->kind), wanted);
}

static int read_name(struct ml_reader *reader, uint64_t seq, char ret_name[ML_NAMED_SIZE])
{
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(reader, seq, &state));
    if (!state)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "its subject is missing");
    snprintf(ret_name, ML_NAMED_SIZE, "%s", state->name);
    return MLEDGER_OK;
}

/* What `find` makes of the reader over the ledger as it is now. */
typedef int finder(struct ml_reader *reader, const char *text, void *ret);

static int find_now(struct ml_session *session, const char *text, finder *find, void *ret)
{
    struct ml_view view;
    struct ml_reader reader;
    ML_TRY(ml_view_begin(session->ledger, &view));
    ml_reader_init(&reader, &view, view.head.size - 1);
    const int result = find(&reader, text, ret);
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result;
}

static int find_model_or_version(struct ml_reader *reader, const char *text, void *ret)
{
    struct ml_target target;
    struct ml_named_version version = {0};
    ML_TRY(resolve(reader, text, ML_REFERENCE_MODEL, &target));
    if (target.kind != ML_TARGET_VERSION && target.kind != ML_TARGET_MODEL)
        return fail_kind(text, &target, "a model or a version of one");
    version.model = target.seq;
    version.version = target.kind == ML_TARGET_VERSION ? target.version : 0;
    ML_TRY(read_name(reader, target.seq, version.model_name));
    *(struct ml_named_version *)ret = version;
    return MLEDGER_OK;
}

int ml_named_model_or_version(struct ml_session *session, const char *text,
                              struct ml_named_version *ret_version)
{
    return find_now(session, text, find_model_or_version, ret_version);
}

int ml_named_version(struct ml_session *session, const char *text,
                     struct ml_named_version *ret_version)
{
    struct ml_named_version version;
    ML_TRY(find_now(session, text, find_model_or_version, &version));
    if (version.version == 0)
        return ml_fail(MLEDGER_EUSAGE,
                       "'%s' is a model; name a version of it, such as %s/1 or %s@ALIAS", text,
                       version.model_name, version.model_name);
    *ret_version = version;
    return MLEDGER_OK;
}

static int find_model(struct ml_reader *reader, const char *text, void *ret)
{
    struct ml_target target;
    struct ml_named_subject model;
    ML_TRY(resolve(reader, text, ML_REFERENCE_MODEL, &target));
    if (target.kind != ML_TARGET_MODEL)
        return fail_kind(text, &target, "a model");
    model.seq = target.seq;
    ML_TRY(read_name(reader, target.seq, model.name));
    *(struct ml_named_subject *)ret = model;
    return MLEDGER_OK;
}

int ml_named_model(struct ml_session *session, const char *text, struct ml_named_subject *ret_model)
{
    return find_now(session, text, find_model, ret_model);
}

static int find_run(struct ml_reader *reader, const char *text, void *ret)
{
    struct ml_target target;
    struct ml_named_subject run;
    ML_TRY(resolve(reader, text, ML_REFERENCE_RUN, &target));
    if (target.kind != ML_TARGET_RUN)
        return fail_kind(text, &target, "a run");
    if (target.seq == MLEDGER_NO_SEQ)
        return ml_fail(MLEDGER_ENOTFOUND, "run '%s' is named in this ledger, but not recorded",
                       target.name);
    run.seq = target.seq;
    ML_TRY(read_name(reader, target.seq, run.name));
    *(struct ml_named_subject *)ret = run;
    return MLEDGER_OK;
}

int ml_named_run(struct ml_session *session, const char *text, struct ml_named_subject *ret_run)
{
    return find_now(session, text, find_run, ret_run);
}

int ml_named_dataset(struct ml_reader *reader, const char *text,
                     struct ml_named_dataset *ret_dataset)
{
    struct ml_target target;
    struct ml_named_dataset dataset;
    ML_TRY(resolve(reader, text, ML_REFERENCE_DATASET, &target));
    if (target.kind != ML_TARGET_DATASET)
        return fail_kind(text, &target, "a dataset");
    dataset.record = target.seq;
    const struct ml_state_key key = ml_key_recorded(target.seq);
    ML_TRY(ml_state_pointer(reader->view->state, &key, &dataset.subject.seq));
    ML_TRY(read_name(reader, dataset.subject.seq, dataset.subject.name));
    *ret_dataset = dataset;
    return MLEDGER_OK;
}

const char *ml_named_run_id(const char *text)
{
    static const char *const schemes[] = {"runs:/", "run:"};
    for (size_t i = 0; i < ML_COUNT(schemes); i++)
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            return text + strlen(schemes[i]);
    return text;
}
