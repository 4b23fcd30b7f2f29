/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold where payloads are hidden: stories told twice. Told in full, the last line of each is
 * refused by a rule or kept. Told with lines hidden it must be refused all the same where the rule
 * can be judged, and named as unproven where it cannot: never kept in silence, never blamed for
 * what is hidden.
 */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/core/event.h"
#include "ledger/core/fold.h"
#include "ledger/core/json.h"
#include "tests/unit/rules.h"

enum { LINES = 16, SEQS = 64 };

struct teller {
    struct ml_state *state;
    struct ml_fold fold;
    bool hidden[SEQS];
    bool whole[SEQS];
    struct ml_fold_result result;
};

static bool is_hidden(void *context, uint64_t seq)
{
    const struct teller *teller = context;
    return seq < SEQS && teller->hidden[seq];
}

static bool is_whole(void *context, uint64_t subject)
{
    const struct teller *teller = context;
    return subject < SEQS && teller->whole[subject];
}

static struct ml_fold_hidden hidden_of(struct teller *teller)
{
    return (struct ml_fold_hidden){.is_hidden = is_hidden, .is_whole = is_whole, .context = teller};
}

static int link_at(void *context, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    (void)context;
    memset(ret_link, (int)(seq + 1), ML_HASH_SIZE);
    return MLEDGER_OK;
}

/* Salts are left out in lines of JSON. */
static void fill_salt(Mledger__Event *event, uint8_t salt[ML_SALT_SIZE])
{
    const ProtobufCMessage *body = ml_event_body(event);
    if (event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED)
        event->dataset_recorded->has_subject_salt = !event->dataset_recorded->has_dataset;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(body->descriptor, "subject_salt");
    if (!field || ml_field_count(body, field) == 0)
        return;
    ProtobufCBinaryData *value = (ProtobufCBinaryData *)(uintptr_t)ml_field_at(body, field, 0);
    *value = (ProtobufCBinaryData){ML_SALT_SIZE, salt};
}

/* One statement, of alice's key. */
struct said {
    Mledger__Statement statement;
    const Mledger__Statement *statements[1];
    Mledger__SignedStatement signed_statement;
    Mledger__SignedStatement *list[1];
    Mledger__Statements signed_statements;
    uint8_t seen_link[ML_HASH_SIZE], subject[ML_HASH_SIZE], nonce[ML_NONCE_SIZE];
};

static void say(struct said *said, struct teller *teller, const char *meaning, uint8_t *key)
{
    uint64_t seq = teller->fold.head.size;
    *said = (struct said){.nonce = {meaning[1] == '!' ? 0 : (uint8_t)(seq + 1)}};
    mledger__statement__init(&said->statement);
    mledger__signed_statement__init(&said->signed_statement);
    mledger__statements__init(&said->signed_statements);
    assert_int_equal(link_at(NULL, seq - 1, said->seen_link), 0);
    Mledger__Statement *statement = &said->statement;
    statement->ledger = (ProtobufCBinaryData){ML_HASH_SIZE, teller->fold.head.identity};
    statement->subject = (ProtobufCBinaryData){ML_HASH_SIZE, said->subject};
    statement->seen_link = (ProtobufCBinaryData){ML_HASH_SIZE, said->seen_link};
    statement->nonce = (ProtobufCBinaryData){ML_NONCE_SIZE, said->nonce};
    statement->seen_seq = seq - 1;
    statement->meaning =
        meaning[0] == 'a' ? MLEDGER__MEANING__APPROVED : MLEDGER__MEANING__AUTHORED;
    said->statements[0] = statement;
    said->signed_statement.key = (ProtobufCBinaryData){ML_KEY_SIZE, key};
    said->list[0] = &said->signed_statement;
    said->signed_statements.n_statements = 1;
    said->signed_statements.statements = said->list;
}

static void advance(struct teller *teller, uint64_t seq)
{
    Mledger__Header header = MLEDGER__HEADER__INIT;
    uint8_t link[ML_HASH_SIZE], leaf[ML_HASH_SIZE] = {7};
    assert_int_equal(link_at(NULL, seq, link), 0);
    header.format = header.schema = 1;
    header.seq = seq;
    header.recorded_at = (int64_t)seq;
    assert_int_equal(ml_fold_advance(&teller->fold, &header, link, leaf), 0);
}

static struct ml_signer *alice(void)
{
    static struct ml_signer signer;
    uint8_t secret[64], seed[32];
    memset(seed, 0x40, sizeof seed);
    assert_int_equal(ml_ed25519_keypair(seed, signer.key, secret), 0);
    return &signer;
}

/* A line as JSON with ', "a" or "w" and a '!' before it: with a statement, whose nonce is '!'. */
static int apply(struct teller *teller, const char *line)
{
    struct said said;
    const char *json = strchr(line, '{');
    struct ml_draft *draft = rules_draft(json);
    uint64_t seq = teller->fold.head.size;
    uint8_t salt[ML_SALT_SIZE] = {(uint8_t)(seq + 1)};
    fill_salt(draft->event, salt);
    struct ml_fold_record record = {.seq = seq,
                                    .format = 1,
                                    .schema = 1,
                                    .recorded_at_us = (int64_t)seq,
                                    .signer = alice()->key,
                                    .event = draft->event};
    if (json > line) {
        say(&said, teller, line, alice()->key);
        record.signed_statements = &said.signed_statements;
        record.statements = said.statements;
        record.statement_subject = said.subject;
    }
    int result = ml_fold_apply(&teller->fold, &record, &teller->result);
    ml_draft_free(draft);
    if (result >= 0)
        advance(teller, seq);
    return result;
}

static void hide(struct teller *teller)
{
    uint64_t seq = teller->fold.head.size;
    Mledger__Header header = MLEDGER__HEADER__INIT;
    header.format = header.schema = 1;
    header.seq = seq;
    header.recorded_at = (int64_t)seq;
    header.kind = MLEDGER__KIND__EVENT;
    header.signer = (ProtobufCBinaryData){ML_KEY_SIZE, alice()->key};
    assert_int_equal(ml_fold_hide(&teller->fold, &header), 0);
    teller->hidden[seq] = true;
    advance(teller, seq);
}

static const char *genesis(void)
{
    const char *key = rules_hex(alice());
    return rules_line("{'ledger_created': {'name': 'l', 'origin': 'o', 'actor_id': 'alice', "
                      "'key': '%s', 'roles': ['admin', 'recorder', 'approver'], 'log_key': '%s'}}",
                      key, rules_hex(rules_signer(CAROL)));
}

static void teller_init(struct teller *teller)
{
    static const struct ml_state_options options;
    *teller = (struct teller){0};
    assert_int_equal(ml_state_new(&options, &teller->state), 0);
    assert_int_equal(ml_fold_init(&teller->fold, teller->state, link_at, NULL), 0);
    assert_int_equal(apply(teller, genesis()), 0);
}

static void teller_release(struct teller *teller)
{
    ml_fold_release(&teller->fold);
    ml_state_free(teller->state);
}

/*
 * Lines from record 1 on. Before the JSON of each may stand '-': it is hidden where the story is
 * told with lines hidden; '*': it creates a subject that is whole.
 */
struct story {
    const char *lines[LINES];
    const char *full;     /* the rule that the last line breaks, NULL: it is kept */
    const char *partial;  /* the same, with lines hidden */
    const char *unproven; /* rules that go unproven then on the last line, by blanks; NULL: none */
};

static void expect(int result, const char *rule, const char *how, const char *line)
{
    if (result >= 0 && !rule)
        return;
    const char *broken = result < 0 ? mledger_error_rule() : "(kept)";
    if (result >= 0 || !rule || strcmp(broken, rule) != 0)
        fail_msg("told %s: %s, not %s: %s (%s)", how, broken, rule ? rule : "(kept)", line,
                 result < 0 ? mledger_error_text() : "");
}

static void expect_unproven(const struct teller *teller, const char *rules, const char *line)
{
    char found[1024] = "";
    size_t len = 0;
    for (size_t i = 0; i < teller->result.n_unproven; i++)
        len += (size_t)snprintf(found + len, sizeof found - len, "%s%s", i ? " " : "",
                                teller->result.unproven[i]);
    if (strcmp(found, rules ? rules : "") != 0)
        fail_msg("unproven are '%s', not '%s': %s", found, rules ? rules : "", line);
}

static void tell(const struct story *story, bool partial)
{
    struct teller teller;
    teller_init(&teller);
    const struct ml_fold_hidden hidden = hidden_of(&teller);
    if (partial)
        teller.fold.hidden = &hidden;
    for (size_t i = 0; i < LINES && story->lines[i]; i++) {
        const char *line = story->lines[i];
        bool last = i + 1 == LINES || !story->lines[i + 1];
        if (*line == '-' && partial) {
            hide(&teller);
            continue;
        }
        teller.whole[i + 1] = *line == '*';
        int result = apply(&teller, line + strspn(line, "-*"));
        const char *rule = partial ? story->partial : story->full;
        expect(result, last ? rule : NULL, partial ? "with lines hidden" : "in full", line);
        if (last && result >= 0)
            expect_unproven(&teller, partial ? story->unproven : NULL, line);
    }
    teller_release(&teller);
}

static void tell_all(const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tell(&stories[i], false);
        tell(&stories[i], true);
    }
}
#define TELL(stories) tell_all(stories, ML_COUNT(stories))

#define MODEL "{'model_created': {'name': 'm'}}"
#define OTHER "{'model_created': {'name': 'other'}}"
#define RUN "{'run_started': {'run_id': 'r'}}"
#define EXPERIMENT "{'experiment_created': {'experiment_id': 'e', 'name': 'x'}}"
#define WEBHOOK                                                                                    \
    "{'webhook_set': {'webhook_id': 'w', 'name': 'n', 'origin': 'https://h', 'status': 'active', " \
    "'events': ['model_version_created']}}"
#define VERSION(model) "{'version_registered': {'model': " model ", 'version': 1}}"

/* Whatever else is hidden, what is broken on a subject whose records are all shown is refused. */
static void a_rule_on_a_whole_subject_is_judged(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"-" OTHER, "*" MODEL, "{'model_deleted': {'model': 2}}",
          "{'model_updated': {'model': 2}}"},
         "model-deleted",
         "model-deleted",
         NULL},
        {{"-" OTHER, "*" RUN, "{'run_deleted': {'run': 2}}",
          "{'run_ended': {'run': 2, 'status': 'finished'}}"},
         "run-deleted",
         "run-deleted",
         NULL},
        {{"-" OTHER, "*" RUN, "{'run_restored': {'run': 2}}"}, "not-deleted", "not-deleted", NULL},
        {{"-" OTHER, "*" EXPERIMENT, "{'experiment_deleted': {'experiment': 2}}",
          "{'experiment_updated': {'experiment': 2}}"},
         "experiment-deleted",
         "experiment-deleted",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"), VERSION("2")},
         "version-number",
         "version-number",
         NULL},
        {{"-" OTHER, "*" MODEL, "{'version_updated': {'model': 2, 'version': 1}}"},
         "version-missing",
         "version-missing",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"), "{'version_deleted': {'model': 2, 'version': 1}}",
          "{'version_updated': {'model': 2, 'version': 1}}"},
         "version-deleted",
         "version-deleted",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"),
          "{'stage_transitioned': {'model': 2, 'version': 1, 'from_stage': 'Staging', "
          "'to_stage': 'Production'}}"},
         "stage-left",
         "stage-left",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"), "{'alias_deleted': {'model': 2, 'alias': 'a'}}"},
         "alias-missing",
         "alias-missing",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"), "{'tags_deleted': {'model': 2, 'tags': ['t']}}"},
         "tag-missing",
         "tag-missing",
         NULL},
        {{"-" OTHER, "*" RUN, "*" MODEL,
          "{'version_registered': {'model': 3, 'version': 1, 'run_ref': 2, 'run_id': 'r'}}"},
         "trainer",
         "trainer",
         NULL},
        {{"-" OTHER, "*" RUN, "*" MODEL,
          "{'version_registered': {'model': 3, 'version': 1, 'run_ref': 2, 'run_id': 's', "
          "'trained_by_actor_ref': 0}}"},
         "run-id",
         "run-id",
         NULL},
    };
    TELL(stories);
}

static void policy_and_statements_of_a_whole_subject_are_judged(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"-" OTHER, "*" MODEL, VERSION("2"),
          "{'policy_set': {'stage': 'P', 'requirements': [{'kind': 'validation', 'count': 1}]}}",
          "{'stage_transitioned': {'model': 2, 'version': 1, 'from_stage': 'None', "
          "'to_stage': 'P'}}"},
         "policy-validation",
         "policy-validation",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"),
          "{'policy_set': {'stage': 'P', 'requirements': [{'kind': 'approval', 'count': 1}]}}",
          "{'stage_transitioned': {'model': 2, 'version': 1, 'from_stage': 'None', "
          "'to_stage': 'P'}}"},
         "policy-approval",
         "policy-approval",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"),
          "{'policy_set': {'stage': 'P', 'requirements': [{'kind': 'approval_other', 'count': "
          "1}]}}",
          "a {'approval_recorded': {'model': 2, 'version': 1, 'stage': 'P', 'decision': "
          "'granted'}}",
          "{'stage_transitioned': {'model': 2, 'version': 1, 'from_stage': 'None', "
          "'to_stage': 'P'}}"},
         "policy-four-eyes",
         "policy-four-eyes",
         NULL},
        {{"-" OTHER, "*" MODEL, VERSION("2"),
          "a!{'approval_recorded': {'model': 2, 'version': 1, 'stage': 'P', 'decision': "
          "'granted'}}",
          "a!{'approval_recorded': {'model': 2, 'version': 1, 'stage': 'P', 'decision': "
          "'granted'}}"},
         "statement-nonce",
         "statement-nonce",
         NULL},
        {{"-" OTHER, "{'actor_registered': {'id': 'bob', 'kind': 'person'}}",
          "{'actor_registered': {'id': 'bob', 'kind': 'person'}}"},
         "name-taken",
         "name-taken",
         NULL},
        {{"-" OTHER, "*{'dataset_recorded': {'name': 'd'}}",
          "{'dataset_recorded': {'dataset': 2, 'name': 'e'}}"},
         "name",
         "name",
         NULL},
    };
    TELL(stories);
}

/* What is shown can break a rule of uniqueness, though only the whole ledger can prove it kept. */
static void what_is_shown_twice_is_refused(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"-" OTHER, "*" MODEL, MODEL}, "name-taken", "name-taken", NULL},
        {{"-" OTHER, "*" MODEL, "{'model_deleted': {'model': 2}}", MODEL},
         "predecessor",
         "predecessor",
         NULL},
        {{"-" OTHER, "*" MODEL, "{'model_created': {'name': 'n', 'predecessor': 2}}"},
         "predecessor",
         "predecessor",
         NULL},
        {{"-" OTHER, RUN, RUN}, "run-id", "run-id", NULL},
        {{"-" OTHER, EXPERIMENT, "{'experiment_created': {'experiment_id': 'e', 'name': 'y'}}"},
         "experiment-id",
         "experiment-id",
         NULL},
        {{"-" OTHER, "{'incident_recorded': {'incident_id': 'i', 'status': 'opened'}}",
          "{'incident_recorded': {'incident_id': 'i', 'status': 'opened'}}"},
         "incident-id",
         "incident-id",
         NULL},
        {{"-" WEBHOOK, "{'webhook_deleted': {'webhook_id': 'w'}}", WEBHOOK},
         "webhook-missing",
         "webhook-missing",
         NULL},
    };
    TELL(stories);
}

/* References to what is shown, or cannot be hidden, are judged. */
static void what_cannot_be_hidden_is_missing(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"-" OTHER, "*" RUN, "{'run_started': {'run_id': 's', 'experiment': 2}}"},
         "reference-missing",
         "reference-missing",
         NULL},
        /* Actors come from trust records, which are all shown. */
        {{"-" OTHER, "{'run_started': {'run_id': 's'}, 'on_behalf_of': 1}"},
         "reference-missing",
         "reference-missing",
         NULL},
        {{"-" OTHER, "{'actor_changed': {'actor': 1}}"},
         "reference-missing",
         "reference-missing",
         NULL},
        {{"-" OTHER, "{'run_started': {'run_id': 's', 'experiment': 2}}"},
         "reference-missing",
         "reference-missing",
         NULL},
    };
    TELL(stories);
}

/* What only hidden records could tell is named, and not refused, be it broken or not. */
static void what_is_hidden_goes_unproven(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{"-" MODEL, MODEL}, "name-taken", NULL, "name-taken predecessor"},
        {{"-" OTHER, MODEL}, NULL, NULL, "name-taken predecessor"},
        {{"-" RUN, RUN}, "run-id", NULL, "run-id"},
        {{"-" EXPERIMENT, EXPERIMENT},
         "experiment-id",
         NULL,
         "experiment-id name-taken predecessor"},
        {{"-" RUN, "{'run_started': {'run_id': 's', 'experiment': 1}}"},
         "reference-missing",
         NULL,
         "reference-missing experiment-deleted run-id"},
        {{"-" EXPERIMENT, "-{'experiment_deleted': {'experiment': 1}}",
          "{'run_started': {'run_id': 's', 'experiment': 1}}"},
         "experiment-deleted",
         NULL,
         "reference-missing experiment-deleted run-id"},
        {{"-" RUN, "*" MODEL,
          "{'version_registered': {'model': 2, 'version': 1, 'run_ref': 1, 'run_id': 's'}}"},
         "run-id",
         NULL,
         "reference-missing run-id trainer"},
        {{"-" MODEL, "*" RUN,
          "{'run_logged': {'run': 2, 'inputs': [{'name': 'i', 'model_ref': 1, 'version': 1}]}}"},
         "version-missing",
         NULL,
         "reference-missing version-missing"},
        {{"-" OTHER, "{'incident_recorded': {'incident_id': 'i', 'status': 'closed'}}"},
         "incident-missing",
         NULL,
         "incident-missing"},
        {{"-" WEBHOOK, "{'webhook_deleted': {'webhook_id': 'v'}}"},
         "webhook-missing",
         NULL,
         "webhook-missing"},
        {{"-" WEBHOOK, "-{'webhook_deleted': {'webhook_id': 'w'}}", WEBHOOK},
         "webhook-missing",
         NULL,
         "webhook-missing"},
        {{"-" MODEL, "*" RUN, "{'link_confirmed': {'run': 2, 'record_ref': 1, 'stage': 's'}}"},
         "reference-missing",
         NULL,
         "reference-missing"},
        {{"-{'dataset_recorded': {'name': 'd'}}",
          "{'dataset_recorded': {'dataset': 1, 'name': 'e'}}"},
         "name",
         NULL,
         "reference-missing name"},
    };
    TELL(stories);
}

/* The creation of a subject is shown, what came after it is not. */
static void of_a_subject_that_is_not_whole_little_is_known(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{MODEL, "-{'model_deleted': {'model': 1}}", "{'model_updated': {'model': 1}}"},
         "model-deleted",
         NULL,
         "model-deleted"},
        {{MODEL, "-" VERSION("1"), VERSION("1")},
         "version-number",
         NULL,
         "model-deleted version-number"},
        {{MODEL, "-" VERSION("1"), "-{'version_deleted': {'model': 1, 'version': 1}}",
          "w {'version_updated': {'model': 1, 'version': 1}}"},
         "version-deleted",
         NULL,
         "model-deleted statement-nonce version-missing version-deleted statement-stale"},
        {{MODEL, "-" VERSION("1"),
          "{'policy_set': {'stage': 'P', 'requirements': [{'kind': 'validation', 'count': 1}, "
          "{'kind': 'approval', 'count': 1}, {'kind': 'approval_other', 'count': 1}]}}",
          "{'stage_transitioned': {'model': 1, 'version': 1, 'from_stage': 'None', "
          "'to_stage': 'P'}}"},
         "policy-validation",
         NULL,
         "model-deleted version-missing version-deleted stage-left policy-validation "
         "policy-approval policy-four-eyes"},
        {{MODEL, "-" VERSION("1"), "{'alias_deleted': {'model': 1, 'alias': 'a'}}"},
         "alias-missing",
         NULL,
         "model-deleted alias-missing"},
        {{MODEL, "-" VERSION("1"), "{'tags_deleted': {'model': 1, 'tags': ['t']}}"},
         "tag-missing",
         NULL,
         "model-deleted tag-missing"},
        {{RUN, "-" OTHER, "{'run_restored': {'run': 1}}"}, "not-deleted", NULL, "not-deleted"},
        {{EXPERIMENT, "-" OTHER, "{'experiment_restored': {'experiment': 1}}"},
         "not-deleted",
         NULL,
         "name-taken not-deleted"},
        {{MODEL, "-{'model_renamed': {'model': 1, 'name': 'n'}}", MODEL},
         "predecessor",
         "predecessor",
         NULL},
        {{MODEL, "-{'model_renamed': {'model': 1, 'name': 'n'}}",
          "{'model_created': {'name': 'm', 'predecessor': 1}}"},
         NULL,
         NULL,
         "name-taken predecessor"},
        /* An alias that a hidden record set moves on; nothing is made up for the next line. */
        {{MODEL, "-" VERSION("1"), "{'alias_set': {'model': 1, 'alias': 'a', 'version': 1}}",
          "{'alias_set': {'model': 1, 'alias': 'a', 'version': 1}}"},
         NULL,
         NULL,
         "model-deleted version-missing version-deleted"},
    };
    TELL(stories);
}

/* Until the first record is hidden everything is known, whatever may follow. */
static void nothing_is_unproven_before_something_is_hidden(void **state)
{
    (void)state;
    static const struct story stories[] = {
        {{MODEL, VERSION("1"),
          "{'stage_transitioned': {'model': 1, 'version': 1, 'from_stage': "
          "'None', 'to_stage': 'P'}}"},
         NULL,
         NULL,
         NULL},
        {{MODEL, "{'model_created': {'name': 'n', 'predecessor': 1}}"},
         "predecessor",
         "predecessor",
         NULL},
    };
    TELL(stories);
}

static void tags_of_hidden_subjects_are_not_known(void **state)
{
    (void)state;
    struct teller teller;
    teller_init(&teller);
    const struct ml_fold_hidden hidden = hidden_of(&teller);
    teller.fold.hidden = &hidden;
    hide(&teller);
    assert_int_equal(apply(&teller, "{'run_started': {'run_id': 's', 'experiment': 1}}"), 0);
    assert_int_equal(teller.result.n_subjects, 2);
    assert_int_equal(teller.result.subjects[0], 1);
    assert_int_equal(teller.result.n_tags, 1);
    uint8_t salt[ML_SALT_SIZE] = {3}, tag[ML_TAG_SIZE];
    assert_int_equal(ml_subject_tag(salt, 2, tag), 0);
    assert_memory_equal(teller.result.tags[0], tag, ML_TAG_SIZE);
    teller_release(&teller);
}

/* What a header alone decides is decided. */
static void a_hidden_record_is_held_to_what_its_header_says(void **state)
{
    (void)state;
    struct teller teller;
    teller_init(&teller);
    const struct ml_fold_hidden hidden = hidden_of(&teller);
    teller.fold.hidden = &hidden;
    hide(&teller);
    Mledger__Header header = MLEDGER__HEADER__INIT;
    header.format = header.schema = 1;
    header.seq = 2;
    header.recorded_at = 0;
    header.signer = (ProtobufCBinaryData){ML_KEY_SIZE, alice()->key};
    assert_int_equal(ml_fold_hide(&teller.fold, &header), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "time-backwards");
    header.recorded_at = 2;
    header.schema = 2;
    assert_int_equal(ml_fold_hide(&teller.fold, &header), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "schema");
    header.schema = 1;
    uint8_t *carol = (uint8_t *)(uintptr_t)rules_signer(CAROL)->key, stranger[ML_KEY_SIZE] = {1};
    header.signer.data = carol; /* the log key */
    assert_int_equal(ml_fold_hide(&teller.fold, &header), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-purpose");
    header.signer.data = stranger;
    assert_int_equal(ml_fold_hide(&teller.fold, &header), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-unknown");
    header.seq = 3;
    assert_int_equal(ml_fold_hide(&teller.fold, &header), MLEDGER_EINVALID);
    teller_release(&teller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_on_a_whole_subject_is_judged),
        cmocka_unit_test(policy_and_statements_of_a_whole_subject_are_judged),
        cmocka_unit_test(what_is_shown_twice_is_refused),
        cmocka_unit_test(what_cannot_be_hidden_is_missing),
        cmocka_unit_test(what_is_hidden_goes_unproven),
        cmocka_unit_test(of_a_subject_that_is_not_whole_little_is_known),
        cmocka_unit_test(nothing_is_unproven_before_something_is_hidden),
        cmocka_unit_test(tags_of_hidden_subjects_are_not_known),
        cmocka_unit_test(a_hidden_record_is_held_to_what_its_header_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
