/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and metrics of several versions, side by side. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/side_by_side.h"
#include "ledger/query/difference.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/snapshot.h"

static const char *const formats[] = {"text", "json", NULL};

enum { VERSIONS_MAX = ML_COLUMNS_MAX - 2 };

struct table {
    struct ml_question question;
    struct ml_makeup makeups[VERSIONS_MAX];
    size_t count;
};

static void release_table(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        ml_makeup_release(&table->makeups[i]);
    ml_question_release(&table->question);
}

/* ---- rows ---- */

/* One key: what each version has for it, NULL where it has none. */
struct row {
    enum ml_fact_kind kind;
    const char *key;
    const struct ml_fact *facts[VERSIONS_MAX];
};

static int compare_keys(const struct ml_fact *fact, enum ml_fact_kind kind, const char *key)
{
    if (fact->kind != kind)
        return fact->kind < kind ? -1 : 1;
    return strcmp(fact->key, key);
}

/* The facts of a makeup are in order, so each row is found from where the last one was. Of several
 * values under one key the first stands. */
static bool next_row(const struct table *table, enum ml_fact_kind kind, size_t *at,
                     struct row *ret_row)
{
    *ret_row = (struct row){.kind = kind};
    for (size_t i = 0; i < table->count; i++) {
        const struct ml_makeup *makeup = &table->makeups[i];
        while (at[i] < makeup->count && makeup->facts[at[i]].kind < kind)
            at[i]++;
        if (at[i] == makeup->count || makeup->facts[at[i]].kind != kind)
            continue;
        const char *key = makeup->facts[at[i]].key;
        if (!ret_row->key || strcmp(key, ret_row->key) < 0)
            ret_row->key = key;
    }
    for (size_t i = 0; ret_row->key && i < table->count; i++) {
        const struct ml_makeup *makeup = &table->makeups[i];
        while (at[i] < makeup->count &&
               compare_keys(&makeup->facts[at[i]], kind, ret_row->key) == 0) {
            if (!ret_row->facts[i])
                ret_row->facts[i] = &makeup->facts[at[i]];
            at[i]++;
        }
    }
    return ret_row->key != NULL;
}

static bool shares_digest(const struct ml_fact *a, const struct ml_fact *b)
{
    return ml_digests_meet(a->digests, a->n_digests, b->digests, b->n_digests);
}

/* Was it measured on the same data in all versions that have it? */
static const char *same_data(const struct table *table, const struct row *row)
{
    const struct ml_fact *first = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct ml_fact *fact = row->facts[i];
        if (!fact)
            continue;
        if (!fact->on || fact->n_digests == 0)
            return "not recorded";
        if (first && !shares_digest(first, fact))
            return "different data";
        first = first ? first : fact;
    }
    return "the same data";
}

static bool differs(const struct table *table, const struct row *row)
{
    for (size_t i = 1; i < table->count; i++) {
        const struct ml_fact *a = row->facts[0], *b = row->facts[i];
        if (!a != !b || (a && !ml_fact_same(a, b)))
            return true;
    }
    return false;
}

/* ---- text ---- */

static int print_rows(const struct table *table, enum ml_fact_kind kind, bool changed)
{
    struct ml_column columns[ML_COLUMNS_MAX] = {
        {.heading = ml_fact_kind_name(kind), .flexible = true}};
    size_t at[VERSIONS_MAX] = {0}, n_columns = 1, n_rows = 0;
    for (size_t i = 0; i < table->count; i++)
        columns[n_columns++] =
            (struct ml_column){.heading = table->makeups[i].name, .flexible = true};
    if (kind == ML_FACT_METRIC)
        columns[n_columns++] = (struct ml_column){.heading = "measured on"};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, n_columns);
    struct row row;
    while (next_row(table, kind, at, &row)) {
        bool differ = differs(table, &row);
        if (changed && !differ)
            continue;
        n_rows++;
        ML_TRY(ml_listing_add(&listing, differ ? ML_ROLE_EMPHASIS : ML_ROLE_PLAIN, "%s", row.key));
        for (size_t i = 0; i < table->count; i++) {
            const struct ml_fact *fact = row.facts[i];
            ML_TRY(ml_listing_add(&listing, ML_ROLE_PLAIN, "%s",
                                  !fact         ? "-"
                                  : fact->value ? fact->value
                                                : "(not known)"));
        }
        if (kind == ML_FACT_METRIC)
            ML_TRY(ml_listing_add(&listing, ML_ROLE_DIM, "%s", same_data(table, &row)));
    }
    if (n_rows == 0)
        ml_output_line(table->question.answer.out, ML_ROLE_DIM, "%s: %s", ml_fact_kind_name(kind),
                       changed ? "nothing differs" : "none are recorded");
    ml_listing_print(&listing, table->question.answer.out);
    return MLEDGER_OK;
}

/* Whether a metric before this one was measured on the same. */
static bool is_said(const struct ml_makeup *makeup, size_t fact)
{
    for (size_t i = 0; i < fact; i++)
        if (makeup->facts[i].kind == ML_FACT_METRIC && makeup->facts[i].on &&
            strcmp(makeup->facts[i].on, makeup->facts[fact].on) == 0)
            return true;
    return false;
}

/* What each was measured on, said once. */
static void print_data(const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct ml_makeup *makeup = &table->makeups[i];
        for (size_t k = 0; k < makeup->count; k++)
            if (makeup->facts[k].kind == ML_FACT_METRIC && makeup->facts[k].on &&
                !is_said(makeup, k))
                ml_output_line(table->question.answer.out, ML_ROLE_DIM, "%s was measured on %s",
                               makeup->name, makeup->facts[k].on);
    }
}

/* ---- JSON ---- */

static int add_row(const struct table *table, const struct row *row, json_t *list)
{
    json_t *json, *values, *one;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "key", ml_json_text(row->key)));
    ML_TRY(ml_json_put_empty(json, "values", json_array(), &values));
    for (size_t i = 0; i < table->count; i++) {
        if (!row->facts[i]) {
            ML_TRY(ml_json_add(values, json_null()));
            continue;
        }
        ML_TRY(ml_fact_to_json(row->facts[i], &one));
        ML_TRY(ml_json_add(values, one));
    }
    if (row->kind != ML_FACT_METRIC)
        return MLEDGER_OK;
    return ml_json_put(json, "measured_on", ml_json_text(same_data(table, row)));
}

static int put_rows(const struct table *table, enum ml_fact_kind kind, json_t *json)
{
    size_t at[VERSIONS_MAX] = {0};
    json_t *list;
    struct row row;
    ML_TRY(ml_json_put_empty(json, ml_fact_kind_name(kind), json_array(), &list));
    while (next_row(table, kind, at, &row))
        ML_TRY(add_row(table, &row, list));
    return MLEDGER_OK;
}

static int print_json(struct table *table)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    json_t *names;
    ML_TRY(ml_json_put_empty(json, "versions", json_array(), &names));
    for (size_t i = 0; i < table->count; i++)
        ML_TRY(ml_json_add(names, ml_json_text(table->makeups[i].name)));
    ML_TRY(put_rows(table, ML_FACT_PARAM, json));
    ML_TRY(put_rows(table, ML_FACT_METRIC, json));
    return ml_question_finish_json(&table->question, json);
}

/* ---- all of it ---- */

static int rest_on(struct table *table, const struct ml_makeup *makeup)
{
    struct ml_basis *basis = &table->question.basis;
    for (size_t i = 0; i < makeup->count; i++)
        if (makeup->facts[i].kind == ML_FACT_PARAM || makeup->facts[i].kind == ML_FACT_METRIC)
            ML_TRY(ml_basis_add_all(basis, makeup->facts[i].seqs, makeup->facts[i].n_seqs));
    return MLEDGER_OK;
}

/* "churn 2 3" is churn/2 and churn/3; anything else a reference of its own. */
static int add_version(struct table *table, const char *model, const char *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf reference = {0};
    struct ml_target target;
    bool number = *text && strspn(text, "0123456789") == strlen(text);
    ML_TRY(number ? ml_buf_printf(&reference, "%s/%s", model, text)
                  : ml_buf_append_text(&reference, text));
    ML_TRY(ml_buf_append_char(&reference, '\0'));
    ML_TRY(ml_makeup_find(&table->question.reader, (char *)reference.data, &target));
    struct ml_makeup *makeup = &table->makeups[table->count++];
    ML_TRY(ml_makeup_read(&table->question.reader, &target, makeup));
    return rest_on(table, makeup);
}

static int read_versions(struct table *table, const struct ml_invocation *invocation)
{
    const char *model = ml_argument(invocation, "MODEL");
    size_t count = ml_argument_count(invocation, "VERSION");
    const char *slash = strchr(model, '/');
    bool first = slash || strchr(model, '@') || strchr(model, ':');
    if (first)
        ML_TRY(add_version(table, "", model));
    for (size_t i = 0; i < count && table->count < VERSIONS_MAX; i++)
        ML_TRY(add_version(table, model, ml_argument_at(invocation, "VERSION", i)));
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_table) struct table table = {0};
    ML_TRY(ml_question_open(invocation, formats, out, &table.question));
    ML_TRY(read_versions(&table, invocation));
    if (table.question.answer.format == ML_ANSWER_JSON)
        return print_json(&table);
    bool changed = ml_option_given(invocation, "changed");
    ML_TRY(print_rows(&table, ML_FACT_PARAM, changed));
    ml_output_newline(table.question.answer.out);
    ML_TRY(print_rows(&table, ML_FACT_METRIC, changed));
    print_data(&table);
    return ml_question_finish(&table.question);
}

const struct ml_command ml_command_compare = {
    .name = "compare",
    .summary = "Lay parameters and metrics of several versions side by side",
    .description =
        (const char *const[]){
            "Numbers stand as they were recorded, the newest value of each. The last column of "
            "the metrics says whether all of them were measured on the same data, by its content: "
            "data that the run read in a role of testing or validating, or that a validation read.",
            "VERSION is the number of a version of MODEL, or any version or run (churn@champion, "
            "runs:/ID); MODEL may be one, too.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "MODEL", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MODEL}},
            {.name = "VERSION", .min = 1, .max = VERSIONS_MAX - 1, .rule = {.kind = ML_VALUE_REF}},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){{.name = "changed", .help = "Only what is not the same in all."},
                                   ML_OPTIONS_QUESTION,
                                   ML_OPTION_FORMAT(formats),
                                   {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger compare churn 1 2 3", "Three versions of one model."},
                                    {"mledger compare churn@champion churn@challenger --changed",
                                     "Only where the challenger differs."},
                                    {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such version."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
