/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/endorsement.h"

#include "ledger/core/time.h"
#include "serve/stamp.h"

/* One line on standard error. */
static void warn(const struct ml_session *session, const char *about, const char *text)
{
    struct ml_output err;
    if (session->invocation->quiet)
        return;
    ml_output_init(&err, stderr, session->invocation->color);
    ml_output_text(&err, ML_ROLE_WARN, "warning");
    ml_output_line(&err, ML_ROLE_PLAIN, ": %s: %s", about, text);
}

static bool is_partial(const struct ml_session *session)
{
    return ml_option_given(session->invocation, "partial");
}

/* --- witnesses ------------------------------------------------------------------------------- */

static int read_policy(struct ml_session *session, struct ml_witness_file *ret_policy)
{
    struct ml_head head;
    ML_TRY(ml_ledger_head(session->ledger, &head));
    ML_TRY(ml_witness_file_read(head.identity, NULL, ret_policy));
    if (ret_policy->policy && ml_witness_policy_witnesses(ret_policy->policy) > 0)
        return MLEDGER_OK;
    ml_fail(MLEDGER_EUSAGE, "there are no witnesses to cosign this ledger's checkpoints");
    return ml_hint("mledger witness add VKEY URL");
}

static int describe_missing(const struct ml_cosigned *cosigned, struct ml_buf *text)
{
    ML_TRY(ml_buf_append_text(text, cosigned->missing));
    for (size_t i = 0; i < cosigned->count; i++)
        if (cosigned->answers[i].outcome != ML_COSIGN_DONE)
            ML_TRY(ml_buf_printf(text, "; witness '%s': %s", cosigned->answers[i].name,
                                 cosigned->answers[i].text));
    return ml_buf_append_char(text, '\0');
}

static int not_enough(const struct ml_cosigned *cosigned)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(describe_missing(cosigned, &text));
    ml_fail(MLEDGER_ESYSTEM, "the checkpoint is not kept: %s", (const char *)text.data);
    return ml_hint("mledger checkpoint --cosign --partial keeps it with what there is");
}

static void warn_of_witnesses(const struct ml_session *session, const struct ml_cosigned *cosigned)
{
    for (size_t i = 0; i < cosigned->count; i++) {
        char about[ML_NOTE_NAME_MAX + sizeof "witness ''"];
        if (cosigned->answers[i].outcome == ML_COSIGN_DONE)
            continue;
        snprintf(about, sizeof about, "witness '%s'", cosigned->answers[i].name);
        warn(session, about, cosigned->answers[i].text);
    }
    if (!cosigned->enough)
        warn(session, "kept although", cosigned->missing);
}

static int ask_witnesses(struct ml_session *session, struct ml_buf *note,
                         struct ml_endorsement *endorsement)
{
    ML_TRY(read_policy(session, &endorsement->policy));
    endorsement->cosigned = ml_calloc(1, sizeof *endorsement->cosigned);
    if (!endorsement->cosigned)
        return ml_fail_memory();
    ML_TRY(ml_cosign(session->ledger, endorsement->policy.policy, note, endorsement->cosigned));
    if (!endorsement->cosigned->enough && !is_partial(session))
        return not_enough(endorsement->cosigned);
    warn_of_witnesses(session, endorsement->cosigned);
    return MLEDGER_OK;
}

/* --- authorities ----------------------------------------------------------------------------- */

static int ask_authority(struct ml_session *session, const char *url, struct ml_span text,
                         struct ml_endorsement *endorsement)
{
    struct ml_got_stamp *stamp = &endorsement->stamps[endorsement->n_stamps];
    int result = ml_stamp(url, text, &stamp->token);
    if (result == MLEDGER_ESYSTEM && is_partial(session)) {
        warn(session, "no timestamp", mledger_error_text());
        ml_error_clear();
        return MLEDGER_OK;
    }
    if (result < 0)
        return ml_prefix("the checkpoint is not kept");
    ML_TRY(ml_timestamp_read(ml_buf_span(&stamp->token), text, &stamp->says));
    endorsement->n_stamps++;
    return MLEDGER_OK;
}

static int ask_authorities(struct ml_session *session, const struct ml_buf *note,
                           struct ml_endorsement *endorsement)
{
    ML_CLEANUP(ml_note_release) struct ml_note parsed;
    const size_t count = ml_option_count(session->invocation, "tsa");
    if (count > ML_STAMPS_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a checkpoint holds at most %d timestamps", ML_STAMPS_MAX);
    ML_TRY(ml_note_parse(ml_buf_span(note), &parsed));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ask_authority(session, ml_option_at(session->invocation, "tsa", i), parsed.text,
                             endorsement));
    return MLEDGER_OK;
}

int ml_endorse(struct ml_session *session, struct ml_buf *note,
               struct ml_endorsement *ret_endorsement)
{
    *ret_endorsement = (struct ml_endorsement){0};
    if (ml_option_given(session->invocation, "cosign"))
        ML_TRY(ask_witnesses(session, note, ret_endorsement));
    return ask_authorities(session, note, ret_endorsement);
}

void ml_endorsement_release(struct ml_endorsement *endorsement)
{
    ml_witness_file_release(&endorsement->policy);
    free(endorsement->cosigned);
    for (size_t i = 0; i < endorsement->n_stamps; i++)
        ml_buf_release(&endorsement->stamps[i].token);
    *endorsement = (struct ml_endorsement){0};
}

static int is_believed(const struct ml_witness_policy *policy,
                       const Mledger__CheckpointNoted *noted)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_witnessed witnessed;
    int result = ml_checkpoint_open(ML_SPAN(noted->note.data, noted->note.len), &note, &checkpoint);
    if (result >= 0)
        result = ml_witness_policy_check(policy, &note, &checkpoint, &witnessed);
    if (result != MLEDGER_EINVALID && result != MLEDGER_EREFUSED)
        return result < 0 ? result : 1;
    ml_error_clear();
    return 0;
}

int ml_endorsement_had(const struct ml_session *session, const struct ml_endorsement *endorsement,
                       const Mledger__CheckpointNoted *noted)
{
    if (ml_option_given(session->invocation, "tsa") && noted->n_timestamps == 0)
        return 0;
    return endorsement->cosigned ? is_believed(endorsement->policy.policy, noted) : 1;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *witnesses_to_json(const struct ml_cosigned *cosigned)
{
    static const char *const words[] = {[ML_COSIGN_DONE] = "cosigned",
                                        [ML_COSIGN_NO_URL] = "no_url",
                                        [ML_COSIGN_FAILED] = "failed",
                                        [ML_COSIGN_CONTRADICTED] = "contradicted"};
    json_t *list = json_array();
    for (size_t i = 0; list && i < cosigned->count; i++) {
        const struct ml_cosign_answer *answer = &cosigned->answers[i];
        json_t *one =
            json_pack("{s:s, s:s}", "name", answer->name, "outcome", words[answer->outcome]);
        if (one && *answer->text)
            json_object_set_new(one, "text", json_string(answer->text));
        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int ml_timestamp_to_json(const struct ml_timestamp *timestamp, json_t **ret_json)
{
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(timestamp->time_us, time));
    json_t *json = json_pack(
        "{s:s, s:o, s:s}", "time", time, "accuracy_us",
        timestamp->accuracy_us < 0 ? json_null() : json_integer((json_int_t)timestamp->accuracy_us),
        "authority", timestamp->authority);
    if (!json)
        return ml_fail_memory();
    *ret_json = json;
    return MLEDGER_OK;
}

static int stamps_to_json(const struct ml_endorsement *endorsement, json_t *list)
{
    for (size_t i = 0; i < endorsement->n_stamps; i++) {
        json_t *one;
        ML_TRY(ml_timestamp_to_json(&endorsement->stamps[i].says, &one));
        if (json_array_append_new(list, one) != 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

int ml_endorsement_to_json(const struct ml_endorsement *endorsement, json_t *json)
{
    const struct ml_cosigned *cosigned = endorsement->cosigned;
    if (cosigned && (json_object_set_new(json, "witnesses", witnesses_to_json(cosigned)) != 0 ||
                     json_object_set_new(json, "enough", json_boolean(cosigned->enough)) != 0))
        return ml_fail_memory();
    if (endorsement->n_stamps == 0)
        return MLEDGER_OK;
    json_t *list = json_array();
    if (json_object_set_new(json, "timestamps", list) != 0)
        return ml_fail_memory();
    return stamps_to_json(endorsement, list);
}
