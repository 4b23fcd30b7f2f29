/* SPDX-License-Identifier: Apache-2.0 */
/* Who may act in the ledger. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/trust.h"
#include "ledger/query/state_walk.h"

static const char *const kind_choices[] = {"person", "service", NULL};
static const Mledger__ActorKind kinds[] = {MLEDGER__ACTOR_KIND__PERSON,
                                           MLEDGER__ACTOR_KIND__SERVICE};

static int run_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ActorRegistered *actor;
    const char *person = ml_option_text(invocation, "person", NULL);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_draft_begin("actor_registered", &draft, &actor));
    actor->id = ml_draft_text(draft, ml_argument(invocation, "ID"));
    actor->kind = kinds[ml_option_choice(invocation, "kind", 0)];
    if (!actor->id || !ml_draft_details(draft))
        return ml_fail_memory();
    ML_TRY(ml_roles_parse(draft, ml_option_text(invocation, "roles", ""), &actor->roles,
                          &actor->n_roles));
    draft->details->person = ml_draft_text(draft, person);
    if (person && !draft->details->person)
        return ml_fail_memory();
    return ml_session_append_trust(&session, draft);
}

const struct ml_command ml_command_actor_add = {
    .name = "actor add",
    .summary = "Register a person or a service",
    .description =
        (const char *const[]){
            "The roles are the most that the actor's keys may hold: an admin decides about actors, "
            "keys and policies; a recorder signs records; an approver approves. A service never "
            "counts as one of four eyes.",
            "The actor has no key yet: see mledger key authorize.", NULL},
    .arguments = (const struct ml_argument[]){{.name = "ID",
                                               .min = 1,
                                               .max = 1,
                                               .help = "A short id, unique in the ledger. It is "
                                                       "never erased; the full name can be."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "kind",
             .value = "KIND",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = kind_choices},
             .required = true,
             .help = "What it is."},
            {.name = "roles",
             .value = "ROLE,...",
             .required = true,
             .help = "One or more of admin, recorder and approver, separated by commas."},
            {.name = "person", .value = "NAME", .help = "The full name, where it is a person."},
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger actor add bob --kind person --roles approver --person 'Bob Ray'",
             "Let bob approve, once a key of his is authorised."},
            {0}},
    .topic = ML_TOPIC_START,
    .run = run_add,
};

static int run_change(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ActorChanged *actor;
    const char *roles = ml_option_text(invocation, "roles", NULL);
    if (!roles == !ml_option_given(invocation, "retire"))
        return ml_fail(MLEDGER_EUSAGE, "one of --roles and --retire says what changes");
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_draft_begin("actor_changed", &draft, &actor));
    ML_TRY(ml_draft_name(draft, &actor->actor, MLEDGER__SUBJECT_KIND__ACTOR, "actor",
                         ml_argument(invocation, "ID")));
    if (roles)
        ML_TRY(ml_roles_parse(draft, roles, &actor->roles, &actor->n_roles));
    return ml_session_append_trust(&session, draft);
}

const struct ml_command ml_command_actor_change = {
    .name = "actor change",
    .summary = "Give an actor other roles, or let it retire",
    .description =
        (const char *const[]){
            "The roles are all that the actor has from here on. Its keys do no more than that: a "
            "key that holds a role which the actor lost signs nothing in that role. What was "
            "signed before stands.",
            NULL},
    .arguments =
        (const struct ml_argument[]){{.name = "ID", .min = 1, .max = 1, .help = "The actor's id."},
                                     {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTION_ROLES,
                                          {.name = "retire",
                                           .help = "It has no role any more: it signs nothing, "
                                                   "and no server lets it in."},
                                          ML_OPTIONS_SIGNING,
                                          {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_change,
};

struct list {
    struct ml_view view;
    struct ml_listing listing;
    json_t *json; /* NULL: text */
    uint64_t at;  /* actor whose keys are counted */
    size_t living;
};

static int count_key(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state, void *context)
{
    (void)key;
    struct list *list = context;
    list->living += state->actor == list->at && !state->has_until_seq &&
                    state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY;
    return MLEDGER_OK;
}

static int roles_json(const Mledger__SubjectState *actor, json_t **ret_json)
{
    json_t *roles = json_array();
    for (size_t i = 0; roles && i < actor->n_roles; i++)
        json_array_append_new(roles, json_string(ml_role_name(actor->roles[i])));
    if (!roles)
        return ml_fail_memory();
    *ret_json = roles;
    return MLEDGER_OK;
}

static int add_json(struct list *list, const Mledger__SubjectState *actor, const char *kind)
{
    json_t *roles;
    ML_TRY(roles_json(actor, &roles));
    json_t *one =
        json_pack("{s:s, s:s, s:o, s:I, s:I}", "id", actor->name, "kind", kind, "roles", roles,
                  "living_keys", (json_int_t)list->living, "seq", (json_int_t)list->at);
    return one && json_array_append_new(list->json, one) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int add_row(struct list *list, const Mledger__SubjectState *actor, const char *kind)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf roles = {0};
    unsigned set = 0;
    for (size_t i = 0; i < actor->n_roles; i++)
        set |= ML_STANDING_ROLE(actor->roles[i]);
    ML_TRY(ml_roles_append(&roles, set));
    ML_TRY(ml_listing_add(&list->listing, ML_ROLE_EMPHASIS, "%s", actor->name));
    ML_TRY(ml_listing_add(&list->listing, ML_ROLE_PLAIN, "%s", kind));
    ML_TRY(
        ml_listing_add(&list->listing, ML_ROLE_PLAIN, "%.*s", (int)roles.len, (char *)roles.data));
    ML_TRY(ml_listing_add(&list->listing, list->living ? ML_ROLE_PLAIN : ML_ROLE_WARN, "%zu",
                          list->living));
    return ml_listing_add(&list->listing, ML_ROLE_DIM, "#%" PRIu64, list->at);
}

static int add_actor(uint64_t seq, const Mledger__SubjectState *actor, void *context)
{
    struct list *list = context;
    const char *kind = actor->has_actor_kind && actor->actor_kind == MLEDGER__ACTOR_KIND__PERSON
                           ? "person"
                           : "service";
    list->at = seq;
    list->living = 0;
    ML_TRY(ml_key_walk(&list->view, count_key, list));
    return list->json ? add_json(list, actor, kind) : add_row(list, actor, kind);
}

static int list_actors(struct ml_session *session, struct list *list)
{
    ML_TRY(ml_view_begin(session->ledger, &list->view));
    int result = ml_subject_walk(&list->view, MLEDGER__SUBJECT_KIND__ACTOR, add_actor, list);
    ml_view_end(&list->view);
    return result;
}

static void list_release(struct list *list)
{
    ml_listing_release(&list->listing);
    json_decref(list->json);
}

static int run_list(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "actor", .flexible = true},
                                               {.heading = "kind"},
                                               {.heading = "roles"},
                                               {.heading = "keys", .right = true},
                                               {.heading = "record", .right = true}};
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(list_release) struct list list = {0};
    ml_listing_init(&list.listing, columns, ML_COUNT(columns));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    if (invocation->json && !(list.json = json_array()))
        return ml_fail_memory();
    ML_TRY(list_actors(&session, &list));
    if (list.json)
        ml_output_json(out, list.json);
    else
        ml_listing_print(&list.listing, out);
    return MLEDGER_OK;
}

const struct ml_command ml_command_actor_list = {
    .name = "actor list",
    .summary = "List who may act, with their roles and living keys",
    .topic = ML_TOPIC_START,
    .run = run_list,
};
