/* SPDX-License-Identifier: Apache-2.0 */
/* What a transition into a stage needs. */
#include <ctype.h>
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/trust.h"
#include "ledger/query/state_walk.h"

enum { REQUIREMENTS_MAX = 16, APPROVERS_MAX = 1000 };

static const struct {
    const char *word;
    Mledger__RequirementKind kind;
} words[] = {
    {"validation", MLEDGER__REQUIREMENT_KIND__VALIDATION},
    {"approval:other", MLEDGER__REQUIREMENT_KIND__APPROVAL_OTHER},
    {"approval", MLEDGER__REQUIREMENT_KIND__APPROVAL},
};

static int bad_requirement(const char *text, size_t len)
{
    return ml_fail(MLEDGER_EUSAGE,
                   "'%.*s' is no requirement; there is validation, approval[:N], "
                   "approval:other[:N]",
                   (int)(len < 64 ? len : 64), text);
}

/* ":N" after an approval; nothing is 1. */
static bool read_count(const char *text, size_t len, uint32_t *ret_count)
{
    uint32_t count = 0;
    *ret_count = 1;
    if (len == 0)
        return true;
    if (text[0] != ':' || len < 2)
        return false;
    for (size_t i = 1; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        count = count * 10 + (uint32_t)(text[i] - '0');
        if (count > APPROVERS_MAX)
            return false;
    }
    *ret_count = count;
    return count > 0;
}

static int read_requirement(const char *text, size_t len, Mledger__Requirement *requirement)
{
    for (size_t i = 0; i < ML_COUNT(words); i++) {
        size_t word = strlen(words[i].word);
        if (len < word || memcmp(text, words[i].word, word) != 0)
            continue;
        bool counted = words[i].kind != MLEDGER__REQUIREMENT_KIND__VALIDATION;
        if ((!counted && len > word) || !read_count(text + word, len - word, &requirement->count))
            break;
        requirement->kind = words[i].kind;
        return MLEDGER_OK;
    }
    return bad_requirement(text, len);
}

static int add_requirement(struct ml_draft *draft, Mledger__PolicySet *policy, const char *text,
                           size_t len)
{
    Mledger__Requirement *requirement = ml_draft_message(draft, &mledger__requirement__descriptor);
    if (!requirement)
        return ml_fail_memory();
    ML_TRY(read_requirement(text, len, requirement));
    for (size_t i = 0; i < policy->n_requirements; i++)
        if (policy->requirements[i]->kind == requirement->kind)
            return ml_fail(MLEDGER_EUSAGE, "'%.*s': that is required twice", (int)len, text);
    if (policy->n_requirements == REQUIREMENTS_MAX)
        return ml_fail(MLEDGER_EUSAGE, "more than %d requirements", REQUIREMENTS_MAX);
    policy->requirements[policy->n_requirements++] = requirement;
    return MLEDGER_OK;
}

static int read_requirements(struct ml_draft *draft, Mledger__PolicySet *policy, const char *text)
{
    policy->requirements =
        ml_arena_calloc(&draft->arena, REQUIREMENTS_MAX, sizeof(Mledger__Requirement *));
    if (!policy->requirements)
        return ml_fail_memory();
    for (;;) {
        size_t len = strcspn(text, ",");
        ML_TRY(add_requirement(draft, policy, text, len));
        if (!text[len])
            return MLEDGER_OK;
        text += len + 1;
    }
}

static int run_set(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__PolicySet *policy;
    const char *require = ml_option_text(invocation, "require", NULL);
    if (ml_option_given(invocation, "none") == (require != NULL))
        return ml_fail(MLEDGER_EUSAGE, "say either --require or --none");
    ML_TRY(ml_draft_begin("policy_set", &draft, &policy));
    policy->stage = ml_draft_text(draft, ml_argument(invocation, "STAGE"));
    if (!policy->stage)
        return ml_fail_memory();
    if (require)
        ML_TRY(read_requirements(draft, policy, require));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    return ml_session_append_trust(&session, draft);
}

const struct ml_command ml_command_policy_set = {
    .name = "policy set",
    .summary = "Say what a version needs to enter a stage",
    .description =
        (const char *const[]){
            "Requirements: validation, the newest validation of the version passed; approval[:N], "
            "N different approvers granted it by their own keys; approval:other[:N], the same by "
            "approvers who neither trained nor registered nor move the version.",
            "The policy holds from this record on. Without a policy nothing is asked for.", NULL},
    .arguments = (const struct ml_argument[]){{.name = "STAGE",
                                               .min = 1,
                                               .max = 1,
                                               .help = "The stage that is entered, such as "
                                                       "Production."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){{.name = "require",
                                    .value = "WHAT,...",
                                    .help = "All that is needed, separated by commas."},
                                   {.name = "none", .help = "Lift the policy of this stage."},
                                   ML_OPTIONS_SIGNING,
                                   {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger policy set Production --require validation,approval:other",
             "Four eyes and a passed validation before production."},
            {0}},
    .topic = ML_TOPIC_START,
    .run = run_set,
};

static const char *requirement_word(Mledger__RequirementKind kind)
{
    for (size_t i = 0; i < ML_COUNT(words); i++)
        if (words[i].kind == kind)
            return words[i].word;
    return "unknown";
}

struct show {
    const char *stage; /* NULL: all */
    size_t shown;
    struct ml_listing listing;
    json_t *json; /* NULL: text */
};

static int show_requirements(const Mledger__PolicyState *policy, struct ml_buf *text)
{
    for (size_t i = 0; i < policy->n_requirements; i++) {
        const Mledger__Requirement *one = policy->requirements[i];
        ML_TRY(ml_buf_printf(text, "%s%s", i ? ", " : "", requirement_word(one->kind)));
        if (one->count > 1)
            ML_TRY(ml_buf_printf(text, ":%" PRIu32, one->count));
    }
    return ml_buf_append_char(text, '\0');
}

static int show_json(struct show *show, const char *stage, const Mledger__PolicyState *policy)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < policy->n_requirements; i++)
        json_array_append_new(list, json_pack("{s:s, s:I}", "kind",
                                              requirement_word(policy->requirements[i]->kind),
                                              "count", (json_int_t)policy->requirements[i]->count));
    json_t *one = json_pack("{s:s, s:o, s:I}", "stage", stage, "require", list, "seq",
                            (json_int_t)policy->seq);
    return one && json_array_append_new(show->json, one) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int show_policy(const char *stage, const Mledger__PolicyState *policy, void *context)
{
    struct show *show = context;
    if (show->stage && strcmp(show->stage, stage) != 0)
        return MLEDGER_OK;
    show->shown++;
    if (show->json)
        return show_json(show, stage, policy);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(show_requirements(policy, &text));
    ML_TRY(ml_listing_add(&show->listing, ML_ROLE_EMPHASIS, "%s", stage));
    ML_TRY(ml_listing_add(&show->listing, ML_ROLE_PLAIN, "%s", (char *)text.data));
    return ml_listing_add(&show->listing, ML_ROLE_DIM, "#%" PRIu64, policy->seq);
}

static void show_release(struct show *show)
{
    ml_listing_release(&show->listing);
    json_decref(show->json);
}

static int run_show(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "stage", .flexible = true},
                                               {.heading = "needs"},
                                               {.heading = "record", .right = true}};
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(show_release) struct show show = {.stage = ml_argument(invocation, "STAGE")};
    ml_listing_init(&show.listing, columns, ML_COUNT(columns));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    if (invocation->json && !(show.json = json_array()))
        return ml_fail_memory();
    struct ml_view view;
    ML_TRY(ml_view_begin(session.ledger, &view));
    int result = ml_policy_walk(&view, show_policy, &show);
    ml_view_end(&view);
    ML_TRY(result);
    if (show.json)
        ml_output_json(out, show.json);
    else if (show.shown)
        ml_listing_print(&show.listing, out);
    else
        ml_output_line(out, ML_ROLE_PLAIN, show.stage ? "no policy for this stage" : "no policy");
    return show.stage && !show.shown ? ML_ANSWER_NO : MLEDGER_OK;
}

const struct ml_command ml_command_policy_show = {
    .name = "policy show",
    .summary = "Show what stages ask for",
    .arguments =
        (const struct ml_argument[]){
            {.name = "STAGE", .min = 0, .max = 1, .help = "Only this stage's."}, {.name = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "The stage asked about has no policy."}, {0, NULL}},
    .topic = ML_TOPIC_START,
    .run = run_show,
};
