/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/session.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/query/state_walk.h"
#include "ledger/store/known_head.h"

struct status {
    struct ml_head head;
    uint64_t actors, keys, policies, models, runs, datasets, disk_bytes;
    uint64_t erased, erased_by; /* records without details, and the newest that erased any */
    bool has_known;
    struct ml_known_head known;
    enum known_standing { KNOWN_NONE, KNOWN_SAME, KNOWN_OLDER, KNOWN_AHEAD, KNOWN_OTHER } standing;
};

static int count_subject(uint64_t seq, const Mledger__SubjectState *subject, void *count)
{
    (void)seq;
    *(uint64_t *)count += !subject->deleted;
    return MLEDGER_OK;
}

static int count_key(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *count)
{
    (void)key;
    *(uint64_t *)count += !state->has_until_seq;
    return MLEDGER_OK;
}

static int count_policy(const char *stage, const Mledger__PolicyState *policy, void *count)
{
    (void)stage;
    (void)policy;
    ++*(uint64_t *)count;
    return MLEDGER_OK;
}

static int count_erased(uint64_t seq, uint64_t by, void *context)
{
    (void)seq;
    struct status *status = context;
    if (status->erased++ == 0 || by > status->erased_by)
        status->erased_by = by;
    return MLEDGER_OK;
}

static int compare_known(struct ml_view *view, struct status *status)
{
    uint8_t link[ML_HASH_SIZE];
    if (status->known.size > status->head.size) {
        status->standing = KNOWN_AHEAD;
        return MLEDGER_OK;
    }
    ML_TRY(ml_view_link_at(view, status->known.size - 1, link));
    bool same = memcmp(link, status->known.link, ML_HASH_SIZE) == 0;
    status->standing = !same                                     ? KNOWN_OTHER
                       : status->known.size == status->head.size ? KNOWN_SAME
                                                                 : KNOWN_OLDER;
    return MLEDGER_OK;
}

static int gather(struct ml_session *session, struct ml_view *view, struct status *status)
{
    struct stat info;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    status->head = view->head;
    ML_TRY(ml_subject_walk(view, MLEDGER__SUBJECT_KIND__ACTOR, count_subject, &status->actors));
    ML_TRY(ml_subject_walk(view, MLEDGER__SUBJECT_KIND__MODEL, count_subject, &status->models));
    ML_TRY(ml_key_walk(view, count_key, &status->keys));
    ML_TRY(ml_policy_walk(view, count_policy, &status->policies));
    ML_TRY(ml_erased_walk(view, count_erased, status));
    ML_TRY(ml_buf_printf(&path, "%s/data.mdb", ml_ledger_dir(session->ledger)));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    if (stat((char *)path.data, &info) == 0) /* what it takes: the file may be sparse */
        status->disk_bytes = (uint64_t)info.st_blocks * 512;
    return status->has_known ? compare_known(view, status) : MLEDGER_OK;
}

static const struct {
    const char *word, *text;
    enum ml_role role;
} standings[] = {
    [KNOWN_NONE] = {"none", "none: this ledger was not seen here before", ML_ROLE_WARN},
    [KNOWN_SAME] = {"same", "the same", ML_ROLE_GOOD},
    [KNOWN_OLDER] = {"older", "part of this ledger", ML_ROLE_GOOD},
    [KNOWN_AHEAD] = {"ahead", "this ledger is BEHIND what was seen of it", ML_ROLE_BAD},
    [KNOWN_OTHER] = {"other", "ANOTHER record was seen there: history was rewritten", ML_ROLE_BAD},
};

static void label(struct ml_output *out, const char *name)
{
    ml_output_text(out, ML_ROLE_DIM, "%-12s", name);
}

static void line(struct ml_output *out, const char *name, const char *value)
{
    label(out, name);
    ml_output_line(out, ML_ROLE_PLAIN, "%s", value);
}

static void print_head(struct ml_output *out, const struct status *status, const char *dir)
{
    const struct ml_head *head = &status->head;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], time[ML_TIME_TEXT_SIZE] = "?", count[ML_HUMAN_SIZE];
    label(out, "ledger");
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s", head->name);
    ml_output_line(out, ML_ROLE_PLAIN, " in %s", dir);
    ml_hex_encode(hex, head->identity, ML_HASH_SIZE);
    line(out, "identity", hex);
    line(out, "origin", head->origin);
    line(out, "records", ml_human_count(count, head->size));
    if (ml_time_format(head->recorded_at_us, time) < 0)
        ml_error_clear();
    ml_hex_encode(hex, head->link, ML_HASH_SIZE);
    label(out, "newest");
    ml_output_line(out, ML_ROLE_PLAIN, "#%" PRIu64 " of %s", head->size - 1, time);
    line(out, "link", hex);
}

static void print_rest(struct ml_output *out, const struct status *status)
{
    char number[ML_HUMAN_SIZE];
    const struct ml_head *head = &status->head;
    line(out, "models", ml_human_count(number, status->models));
    label(out, "trust");
    ml_output_line(out, ML_ROLE_PLAIN,
                   "%" PRIu64 " actor%s, %" PRIu64 " living key%s, %" PRIu64 " polic%s, %" PRIu32
                   " of %" PRIu32 " admin%s must agree",
                   status->actors, status->actors == 1 ? "" : "s", status->keys,
                   status->keys == 1 ? "" : "s", status->policies,
                   status->policies == 1 ? "y" : "ies", head->threshold, head->admins,
                   head->admins == 1 ? "" : "s");
    line(out, "disk", ml_human_size(number, status->disk_bytes));
    if (status->erased) {
        label(out, "erased");
        ml_output_line(out, ML_ROLE_PLAIN, "the details of %s record%s, last by #%" PRIu64,
                       ml_human_count(number, status->erased), status->erased == 1 ? "" : "s",
                       status->erased_by);
    }
    label(out, "known head");
    if (status->has_known)
        ml_output_text(out, ML_ROLE_PLAIN, "#%" PRIu64 ", ", status->known.size - 1);
    ml_output_line(out, standings[status->standing].role, "%s", standings[status->standing].text);
    label(out, "anchored");
    ml_output_line(out, ML_ROLE_WARN, "nothing: no checkpoint of this ledger is kept elsewhere");
    if (head->not_understood_from != MLEDGER_NO_SEQ) {
        label(out, "not proven");
        ml_output_line(out, ML_ROLE_WARN,
                       "authority from #%" PRIu64 " on, which this program does not understand",
                       head->not_understood_from);
    }
}

static int print_json(struct ml_output *out, const struct status *status, const char *dir)
{
    const struct ml_head *head = &status->head;
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char time[ML_TIME_TEXT_SIZE];
    ml_hex_encode(identity, head->identity, ML_HASH_SIZE);
    ml_hex_encode(link, head->link, ML_HASH_SIZE);
    ML_TRY(ml_time_format(head->recorded_at_us, time));
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:{s:I, s:s, s:s}, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}",
        "name", head->name, "dir", dir, "identity", identity, "origin", head->origin, "size",
        (json_int_t)head->size, "head", "seq", (json_int_t)(head->size - 1), "recorded_at", time,
        "link", link, "models", (json_int_t)status->models, "actors", (json_int_t)status->actors,
        "living_keys", (json_int_t)status->keys, "policies", (json_int_t)status->policies,
        "threshold", (json_int_t)head->threshold, "admins", (json_int_t)head->admins, "disk_bytes",
        (json_int_t)status->disk_bytes, "known_head", standings[status->standing].word);
    int bad = json == NULL;
    bad |= json_object_set_new(json, "details_erased", json_integer((json_int_t)status->erased));
    if (status->erased)
        bad |= json_object_set_new(json, "details_erased_by",
                                   json_integer((json_int_t)status->erased_by));
    bad |= json_object_set_new(json, "unanchored", json_integer((json_int_t)head->size));
    if (!bad)
        ml_output_json(out, json);
    json_decref(json);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    struct ml_view view;
    struct status status = {0};
    uint8_t identity[ML_HASH_SIZE];
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    int result = ml_known_head_of(session.ledger, session.known_dir, identity, &status.known);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    status.has_known = result == MLEDGER_OK;
    ML_TRY(ml_view_begin(session.ledger, &view));
    result = gather(&session, &view, &status);
    ml_view_end(&view);
    ML_TRY(result);
    if (invocation->json) {
        ML_TRY(print_json(out, &status, ml_ledger_dir(session.ledger)));
    } else {
        print_head(out, &status, ml_ledger_dir(session.ledger));
        print_rest(out, &status);
    }
    bool bad = status.standing == KNOWN_AHEAD || status.standing == KNOWN_OTHER;
    return bad ? ML_ANSWER_NO : MLEDGER_OK;
}

const struct ml_command ml_command_status = {
    .name = "status",
    .summary = "Say what ledger this is, how it stands and what is in it",
    .description =
        (const char *const[]){"A quick look, which proves nothing: see mledger verify.", NULL},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "The ledger is behind what was seen of it before, or differs from it."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
