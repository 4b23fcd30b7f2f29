/* SPDX-License-Identifier: Apache-2.0 */
/* The user's key files, and the keys of the ledger, in one listing. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/key_choice.h"
#include "cli/listing.h"
#include "cli/trust.h"
#include "ledger/core/hex.h"
#include "ledger/query/state_walk.h"

struct row {
    const char *name;  /* NULL: no file here */
    const char *error; /* NULL: readable */
    const char *purpose;
    int sealed; /* -1: not known */
    const uint8_t *key;
    struct ml_standing standing;
};

struct list {
    struct ml_session *session;
    struct ml_view *view; /* NULL: no ledger here */
    struct ml_listing listing;
    json_t *json; /* NULL: text */
    uint8_t *seen;
    size_t seen_count, seen_cap;
};

static const char *cause_name(Mledger__RevocationCause cause)
{
    static const char *const names[] = {[MLEDGER__REVOCATION_CAUSE__RETIRED] = "retired",
                                        [MLEDGER__REVOCATION_CAUSE__LOST] = "lost",
                                        [MLEDGER__REVOCATION_CAUSE__COMPROMISED] = "compromised"};
    return (size_t)cause < ML_COUNT(names) && names[cause] ? names[cause] : "ended";
}

static int append_standing(const struct list *list, const struct row *row, struct ml_buf *text)
{
    const struct ml_standing *standing = &row->standing;
    if (row->error)
        return ml_buf_append_text(text, row->error);
    if (!list->view)
        return ml_buf_append_text(text, "no ledger here");
    if (!standing->known)
        return ml_buf_append_text(text, "not in this ledger");
    if (standing->living)
        return ml_buf_printf(text, "living since #%" PRIu64, standing->since_seq);
    return ml_buf_printf(text, "%s, ended with #%" PRIu64,
                         standing->has_cause ? cause_name(standing->cause) : "ended",
                         standing->until_seq);
}

static int add_cells(struct list *list, const struct row *row, const char *roles,
                     const char *standing)
{
    struct ml_listing *listing = &list->listing;
    char key[ML_KEY_SHOWN_DIGITS + 1] = "";
    const char *actor = row->standing.known ? row->standing.actor_id : "";
    bool good = row->standing.living;
    if (row->key)
        ml_key_short(key, row->key);
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", row->name ? row->name : "-"));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", key));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->purpose));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s",
                          row->sealed < 0 ? ""
                          : row->sealed   ? "sealed"
                                          : "unsealed"));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", actor));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", roles));
    return ml_listing_add(listing, good ? ML_ROLE_GOOD : ML_ROLE_WARN, "%s", standing);
}

static int row_json(const struct list *list, const struct row *row, const char *standing,
                    json_t *one)
{
    char hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    int bad = json_object_set_new(one, "file", row->name ? json_string(row->name) : json_null());
    if (row->error)
        return json_object_set_new(one, "error", json_string(row->error)) || bad ? ml_fail_memory()
                                                                                 : MLEDGER_OK;
    ml_hex_encode(hex, row->key, ML_KEY_SIZE);
    bad |= json_object_set_new(one, "key", json_string(hex));
    bad |= json_object_set_new(one, "purpose", json_string(row->purpose));
    if (row->sealed >= 0)
        bad |= json_object_set_new(one, "sealed", json_boolean(row->sealed));
    if (!list->view)
        return bad ? ml_fail_memory() : MLEDGER_OK;
    bad |= json_object_set_new(one, "known", json_boolean(row->standing.known));
    bad |= json_object_set_new(one, "living", json_boolean(row->standing.living));
    bad |= json_object_set_new(one, "standing", json_string(standing));
    if (row->standing.known)
        bad |= json_object_set_new(one, "actor", json_string(row->standing.actor_id));
    json_t *roles = json_array();
    for (int role = MLEDGER__ROLE__ADMIN; role <= MLEDGER__ROLE__APPROVER; role++)
        if (row->standing.roles & ML_STANDING_ROLE(role))
            bad |= json_array_append_new(roles, json_string(ml_role_name((Mledger__Role)role)));
    bad |= json_object_set_new(one, "roles", roles);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

static int add_row(struct list *list, const struct row *row)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf roles = {0}, standing = {0};
    if (row->standing.roles)
        ML_TRY(ml_roles_append(&roles, row->standing.roles));
    ML_TRY(ml_buf_append_char(&roles, '\0'));
    ML_TRY(append_standing(list, row, &standing));
    ML_TRY(ml_buf_append_char(&standing, '\0'));
    if (!list->json)
        return add_cells(list, row, (char *)roles.data, (char *)standing.data);
    json_t *one = json_object();
    if (!one || json_array_append_new(list->json, one) != 0)
        return ml_fail_memory();
    return row_json(list, row, (char *)standing.data, one);
}

static int note_seen(struct list *list, const uint8_t *key)
{
    ML_TRY(ml_grow(&list->seen, &list->seen_cap, list->seen_count + 1, ML_KEY_SIZE));
    memcpy(list->seen + list->seen_count++ * ML_KEY_SIZE, key, ML_KEY_SIZE);
    return MLEDGER_OK;
}

static int add_file(void *context, const struct mledger_key_entry *entry)
{
    struct list *list = context;
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(entry->file) - strlen(MLEDGER_KEY_SUFFIX)),
             entry->file);
    struct row row = {.name = name, .purpose = "", .sealed = -1};
    if (entry->result < 0) {
        row.error = entry->error;
        return add_row(list, &row);
    }
    row.key = entry->info.public_key;
    row.purpose = mledger_key_purpose_name(entry->info.purpose);
    row.sealed = entry->info.sealed;
    if (list->view)
        ML_TRY(ml_standing_read(list->view, row.key, &row.standing));
    ML_TRY(note_seen(list, row.key));
    return add_row(list, &row);
}

static int add_elsewhere(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state,
                         void *context)
{
    struct list *list = context;
    struct row row = {.sealed = -1, .key = key};
    for (size_t i = 0; i < list->seen_count; i++)
        if (memcmp(list->seen + i * ML_KEY_SIZE, key, ML_KEY_SIZE) == 0)
            return MLEDGER_OK;
    row.purpose = state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY        ? "log"
                  : state->purpose == MLEDGER__KEY_PURPOSE__RECOVERY_KEY ? "recovery"
                                                                         : "signer";
    ML_TRY(ml_standing_read(list->view, key, &row.standing));
    return add_row(list, &row);
}

static int list_keys(struct list *list)
{
    ML_TRY(mledger_keys_list(list->session->keyring.dir, add_file, list));
    return list->view ? ml_key_walk(list->view, add_elsewhere, list) : MLEDGER_OK;
}

static void list_release(struct list *list)
{
    ml_listing_release(&list->listing);
    json_decref(list->json);
    free(list->seen);
}

/* Files can be listed where there is no ledger, but not where there is one that does not open. */
static int open_session(const struct ml_invocation *invocation, struct ml_output *out,
                        struct ml_session *session)
{
    int result = ml_session_open(invocation, out, ML_SESSION_READ, session);
    bool nowhere = result == MLEDGER_ESYSTEM && !session->ledger && !session->known_dir;
    if (nowhere && session->keyring.dir) {
        ml_error_clear();
        return MLEDGER_OK;
    }
    return result;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "name", .flexible = true},
                                               {.heading = "key"},
                                               {.heading = "purpose"},
                                               {.heading = "file"},
                                               {.heading = "actor"},
                                               {.heading = "roles"},
                                               {.heading = "standing", .flexible = true}};
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(list_release) struct list list = {.session = &session};
    struct ml_view view;
    ml_listing_init(&list.listing, columns, ML_COUNT(columns));
    ML_TRY(open_session(invocation, out, &session));
    if (invocation->json && !(list.json = json_array()))
        return ml_fail_memory();
    if (session.ledger) {
        ML_TRY(ml_view_begin(session.ledger, &view));
        list.view = &view;
    }
    int result = list_keys(&list);
    if (list.view)
        ml_view_end(&view);
    ML_TRY(result);
    if (list.json)
        ml_output_json(out, list.json);
    else if (list.listing.count)
        ml_listing_print(&list.listing, out);
    else
        ml_output_line(out, ML_ROLE_PLAIN, "no keys in %s", session.keyring.dir);
    return MLEDGER_OK;
}

const struct ml_command ml_command_key_list = {
    .name = "key list",
    .summary = "List your keys and those of the ledger",
    .description = (const char *const[]){"First your key files, with what this ledger says of "
                                         "them; then, named -, the ledger's other keys.",
                                         NULL},
    .topic = ML_TOPIC_START,
    .run = run,
};
