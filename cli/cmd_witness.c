/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of witnesses that this user has for a ledger: who they are, how many must have seen.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/session.h"
#include "cli/witness_file.h"
#include "ingest/http.h"

/* What all of these commands work on. */
struct witnesses {
    struct ml_session session;
    struct ml_witness_file file;
    struct ml_witness_edit edit;
};

static void witnesses_release(struct witnesses *witnesses)
{
    ml_witness_file_release(&witnesses->file);
    ml_session_release(&witnesses->session);
}

static int open_file(const struct ml_invocation *invocation, struct ml_output *out,
                     struct witnesses *witnesses)
{
    struct ml_head head;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &witnesses->session));
    ML_TRY(ml_ledger_head(witnesses->session.ledger, &head));
    return ml_witness_file_read(head.identity, NULL, &witnesses->file);
}

static int begin_edit(const struct ml_invocation *invocation, struct ml_output *out,
                      struct witnesses *witnesses)
{
    ML_TRY(open_file(invocation, out, witnesses));
    return ml_witness_edit_begin(&witnesses->file, &witnesses->edit);
}

/* NULL: there is none so called. */
static struct ml_policy_party *find(struct ml_witness_edit *edit, const char *name)
{
    for (size_t i = 0; i < edit->count; i++)
        if (strcmp(edit->witnesses[i].name, name) == 0)
            return &edit->witnesses[i];
    return NULL;
}

static int append_quorum(int quorum, size_t count, struct ml_buf *text)
{
    if (quorum == ML_POLICY_OTHER)
        return ml_buf_append_text(text, "as the policy's groups say");
    if (quorum == 0 || count == 0)
        return ml_buf_append_text(text, "none");
    if (quorum == ML_POLICY_ALL)
        return ml_buf_printf(text, "all %zu", count);
    return ml_buf_printf(text, "%d of %zu", quorum, count);
}

static int print_quorum(struct ml_output *out, int quorum, size_t count)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(append_quorum(quorum, count, &text));
    ml_output_line(out, ML_ROLE_PLAIN, "quorum: %.*s", (int)text.len, (const char *)text.data);
    return MLEDGER_OK;
}

static json_t *quorum_json(int quorum)
{
    return quorum > 0                  ? json_integer(quorum)
           : quorum == 0               ? json_string("none")
           : quorum == ML_POLICY_OTHER ? json_string("groups")
                                       : json_string("all");
}

/* What stands in the file after a change. */
static int print_change(struct witnesses *witnesses)
{
    struct ml_output *out = witnesses->session.out;
    const struct ml_witness_edit *edit = &witnesses->edit;
    if (!witnesses->session.invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN, "%s", witnesses->file.path);
        return print_quorum(out, edit->quorum, edit->count);
    }
    json_t *json = json_pack("{s:s, s:I, s:o}", "policy", witnesses->file.path, "witnesses",
                             (json_int_t)edit->count, "quorum", quorum_json(edit->quorum));
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int commit_edit(struct witnesses *witnesses)
{
    ML_TRY(ml_witness_edit_write(&witnesses->file, &witnesses->edit));
    return print_change(witnesses);
}

static int check_new(struct ml_witness_edit *edit, const struct ml_policy_party *party)
{
    if (find(edit, party->name))
        return ml_fail(MLEDGER_EUSAGE, "there is a witness '%s' in the policy already",
                       party->name);
    for (size_t i = 0; i < edit->count; i++)
        if (memcmp(edit->witnesses[i].vkey->key, party->vkey->key, ML_ED25519_PUBLIC_SIZE) == 0)
            return ml_fail(MLEDGER_EUSAGE, "the key of '%s' is that of witness '%s'",
                           party->vkey->name, edit->witnesses[i].name);
    if (edit->count == ML_POLICY_WITNESSES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "there are %d witnesses already", ML_POLICY_WITNESSES_MAX);
    if (strpbrk(party->name, " \t\r\n") || strcmp(party->name, "none") == 0 || !*party->name)
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no name for a witness", party->name);
    return MLEDGER_OK;
}

static int run_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(witnesses_release) struct witnesses witnesses = {0};
    struct ml_vkey vkey;
    const char *text = ml_argument(invocation, "VKEY"), *url = ml_argument(invocation, "URL");
    if (ml_vkey_parse(ML_SPAN(text, strlen(text)), &vkey) < 0)
        return ml_failed();
    if (vkey.type != ML_VKEY_COSIGNATURE) {
        ml_fail(MLEDGER_EUSAGE, "'%s' is the key of a log, and not a witness's", vkey.name);
        return ml_hint("a witness prints its own: mledger witness key");
    }
    ML_TRY(ml_http_url_check(url));
    const struct ml_policy_party party = {
        .name = ml_option_text(invocation, "name", vkey.name), .vkey = &vkey, .url = url};
    ML_TRY(begin_edit(invocation, out, &witnesses));
    ML_TRY(check_new(&witnesses.edit, &party));
    if (witnesses.edit.count == 0) /* "none" was all that could be asked of nobody */
        witnesses.edit.quorum = ML_POLICY_ALL;
    witnesses.edit.witnesses[witnesses.edit.count++] = party;
    return commit_edit(&witnesses);
}

const struct ml_command ml_command_witness_add = {
    .name = "witness add",
    .summary = "Have a witness cosign this ledger's checkpoints",
    .description =
        (const char *const[]){
            "A witness cosigns a checkpoint only if that goes on from the one it cosigned before, "
            "so nobody can show two people two histories. mledger checkpoint --cosign asks all "
            "witnesses of the policy; mledger verify asks that a quorum of them has cosigned: all, "
            "unless mledger witness quorum says otherwise.",
            "The policy is a file of yours (C2SP tlog-policy), not part of the ledger. Changes to "
            "it make no record.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "VKEY", .min = 1, .max = 1, .help = "The witness's verifier key."},
            {.name = "URL", .min = 1, .max = 1, .help = "Where it takes checkpoints."},
            {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "name",
                                           .value = "NAME",
                                           .help = "What the policy calls it; its key's name, "
                                                   "unless given."},
                                          {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run_add,
};

static int list_json(const struct ml_witness_file *file, struct ml_output *out)
{
    size_t count = file->policy ? ml_witness_policy_witnesses(file->policy) : 0;
    json_t *list = json_array();
    int bad = list == NULL;
    for (size_t i = 0; i < count && !bad; i++) {
        const struct ml_policy_party party = ml_witness_policy_witness(file->policy, i);
        ML_CLEANUP(ml_buf_release) struct ml_buf vkey = {0};
        bad |= ml_vkey_write(party.vkey, &vkey) < 0 || ml_buf_append_char(&vkey, '\0') < 0;
        if (!bad)
            bad |= json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", party.name,
                                                         "vkey", vkey.data, "url", party.url));
    }
    int quorum = file->policy ? ml_witness_policy_quorum(file->policy) : 0;
    json_t *json = bad ? NULL
                       : json_pack("{s:s, s:o, s:O}", "policy", file->path, "quorum",
                                   quorum_json(quorum), "witnesses", list);
    json_decref(list);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int list_text(const struct ml_witness_file *file, struct ml_output *out)
{
    static const struct ml_column columns[] = {
        {.heading = "name"}, {.heading = "key of"}, {.heading = "url", .flexible = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing = {0};
    size_t count = file->policy ? ml_witness_policy_witnesses(file->policy) : 0;
    if (count == 0) {
        ml_output_line(out, ML_ROLE_PLAIN, "no witnesses in %s", file->path);
        return MLEDGER_OK;
    }
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < count; i++) {
        const struct ml_policy_party party = ml_witness_policy_witness(file->policy, i);
        ML_TRY(ml_listing_add(&listing, ML_ROLE_EMPHASIS, "%s", party.name));
        ML_TRY(ml_listing_add(&listing, ML_ROLE_PLAIN, "%s", party.vkey->name));
        ML_TRY(ml_listing_add(&listing, ML_ROLE_PLAIN, "%s", party.url));
    }
    ml_listing_print(&listing, out);
    return print_quorum(out, ml_witness_policy_quorum(file->policy), count);
}

static int run_list(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(witnesses_release) struct witnesses witnesses = {0};
    ML_TRY(open_file(invocation, out, &witnesses));
    return invocation->json ? list_json(&witnesses.file, out) : list_text(&witnesses.file, out);
}

const struct ml_command ml_command_witness_list = {
    .name = "witness list",
    .summary = "List the witnesses of this ledger",
    .topic = ML_TOPIC_PROVE,
    .run = run_list,
};

/* As many as are left must be enough. */
static int check_enough(const struct ml_witness_edit *edit)
{
    if (edit->quorum <= 0 || edit->count == 0 || (size_t)edit->quorum <= edit->count)
        return MLEDGER_OK;
    ml_fail(MLEDGER_EUSAGE, "%d witnesses are asked for, and there would be %zu", edit->quorum,
            edit->count);
    return ml_hint("mledger witness quorum K|all|none");
}

static int run_remove(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(witnesses_release) struct witnesses witnesses = {0};
    struct ml_witness_edit *edit = &witnesses.edit;
    const char *name = ml_argument(invocation, "NAME");
    ML_TRY(begin_edit(invocation, out, &witnesses));
    struct ml_policy_party *party = find(edit, name);
    if (!party) {
        ml_fail(MLEDGER_ENOTFOUND, "there is no witness '%s' in '%s'", name, witnesses.file.path);
        return ml_hint("mledger witness list");
    }
    size_t at = (size_t)(party - edit->witnesses);
    memmove(party, party + 1, (edit->count - at - 1) * sizeof *party);
    edit->count--;
    ML_TRY(check_enough(edit));
    return commit_edit(&witnesses);
}

const struct ml_command ml_command_witness_remove = {
    .name = "witness remove",
    .summary = "Take a witness out of the policy",
    .arguments =
        (const struct ml_argument[]){
            {.name = "NAME", .min = 1, .max = 1, .help = "What the policy calls it."},
            {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run_remove,
};

static int parse_quorum(const char *text, size_t count, int *ret_quorum)
{
    uint64_t number;
    if (strcmp(text, "none") == 0)
        *ret_quorum = 0;
    else if (strcmp(text, "all") == 0)
        *ret_quorum = ML_POLICY_ALL;
    else if (ml_tlog_number(ML_SPAN(text, strlen(text)), &number) && number > 0 && number <= count)
        *ret_quorum = (int)number;
    else
        return ml_fail(MLEDGER_EUSAGE, "'%s' is not all, none or a number from 1 to %zu", text,
                       count);
    return MLEDGER_OK;
}

static int run_quorum(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(witnesses_release) struct witnesses witnesses = {0};
    struct ml_witness_edit *edit = &witnesses.edit;
    ML_TRY(begin_edit(invocation, out, &witnesses));
    if (edit->count == 0) {
        ml_fail(MLEDGER_EUSAGE, "there are no witnesses to ask for");
        return ml_hint("mledger witness add VKEY URL");
    }
    ML_TRY(parse_quorum(ml_argument(invocation, "K"), edit->count, &edit->quorum));
    return commit_edit(&witnesses);
}

const struct ml_command ml_command_witness_quorum = {
    .name = "witness quorum",
    .summary = "Say how many witnesses must have cosigned a checkpoint",
    .arguments = (const struct ml_argument[]){{.name = "K",
                                               .min = 1,
                                               .max = 1,
                                               .help = "How many of them; or all, also those "
                                                       "added later; or none."},
                                              {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run_quorum,
};
