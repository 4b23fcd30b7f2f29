/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/graphql_query.h"

#include "ledger/core/json.h"
#include "serve/mlflow/error.h"

enum { MEMORY = 4 << 20 };

static const char name_begin[] = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char name_rest[] = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

struct reader {
    const char *text, *at;
    struct ml_graphql_query *query;
    const json_t *given; /* variables */
    json_t *variables;   /* those of the operation that is being read */
    size_t n_fields;
};

/* ---- words ---- */

static int refuse(const struct reader *reader, const char *fault)
{
    return ml_rest_refuse(ML_REST_BAD_REQUEST, "The query could not be read, at character %zu: %s",
                          (size_t)(reader->at - reader->text) + 1, fault);
}

/* Blanks, commas, comments and a byte order mark say nothing. */
static void skip(struct reader *reader)
{
    static const char blanks[] = " \t\r\n,", mark[] = "\xef\xbb\xbf";
    for (;;) {
        reader->at += strspn(reader->at, blanks);
        if (*reader->at == '#')
            reader->at += strcspn(reader->at, "\r\n");
        else if (strncmp(reader->at, mark, sizeof mark - 1) == 0)
            reader->at += sizeof mark - 1;
        else
            return;
    }
}

static bool is_next(struct reader *reader, char sign)
{
    skip(reader);
    return *reader->at == sign;
}

static bool take(struct reader *reader, char sign)
{
    const bool is_it = is_next(reader, sign);
    reader->at += is_it;
    return is_it;
}

static int expect(struct reader *reader, char sign)
{
    const char fault[] = {'\'', sign, '\'', ' ', 'i', 's', ' ', 'm',
                          'i',  's',  's',  'i', 'n', 'g', 0};
    return take(reader, sign) ? MLEDGER_OK : refuse(reader, fault);
}

static size_t name_length(struct reader *reader)
{
    skip(reader);
    return strspn(reader->at, name_begin) ? strspn(reader->at, name_rest) : 0;
}

static int take_name(struct reader *reader, const char **ret_name)
{
    const size_t len = name_length(reader);
    if (len == 0)
        return refuse(reader, "a name is missing");
    *ret_name = ml_arena_text(&reader->query->arena, reader->at, len);
    reader->at += len;
    return *ret_name ? MLEDGER_OK : ml_arena_fail(&reader->query->arena, "the query");
}

/* ---- values ---- */

static int read_value(struct reader *reader, unsigned depth, json_t **ret_json);

/* Texts and numbers are written as in JSON. */
static int read_literal(struct reader *reader, size_t len, json_t **ret_json)
{
    *ret_json = json_loadb(reader->at, len, JSON_DECODE_ANY, NULL);
    if (!*ret_json)
        return refuse(reader, "this is no value");
    reader->at += len;
    return MLEDGER_OK;
}

static int read_text(struct reader *reader, json_t **ret_json)
{
    size_t len = 1;
    if (strncmp(reader->at, "\"\"\"", 3) == 0)
        return refuse(reader, "block strings are not answered");
    while (reader->at[len] && reader->at[len] != '"')
        len += reader->at[len] == '\\' && reader->at[len + 1] ? 2 : 1;
    if (!reader->at[len])
        return refuse(reader, "the text has no end");
    return read_literal(reader, len + 1, ret_json);
}

static int read_variable(struct reader *reader, json_t **ret_json)
{
    const char *name;
    reader->at++;
    ML_TRY(take_name(reader, &name));
    json_t *value = json_object_get(reader->variables, name);
    if (!value)
        return refuse(reader, "the variable before this was not declared");
    *ret_json = json_incref(value);
    return MLEDGER_OK;
}

/* true, false, null, or one of an enumeration, which JSON has as its name. */
static int read_word(struct reader *reader, json_t **ret_json)
{
    const char *word;
    ML_TRY(take_name(reader, &word));
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
        *ret_json = json_boolean(*word == 't');
    else
        *ret_json = strcmp(word, "null") == 0 ? json_null() : json_string(word);
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static int read_list(struct reader *reader, unsigned depth, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *list = json_array();
    if (!list)
        return ml_fail_memory();
    reader->at++;
    while (!take(reader, ']')) {
        json_t *item;
        ML_TRY(read_value(reader, depth + 1, &item));
        if (json_array_append_new(list, item) != 0)
            return ml_fail_memory();
    }
    *ret_json = ML_TAKE(list);
    return MLEDGER_OK;
}

/* "name: value" until the closing sign, as an object. */
static int read_members(struct reader *reader, char closing, unsigned depth, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp) json_t *object = json_object();
    if (!object)
        return ml_fail_memory();
    reader->at++;
    while (!take(reader, closing)) {
        const char *name;
        json_t *value;
        ML_TRY(take_name(reader, &name));
        if (json_object_get(object, name))
            return refuse(reader, "this name has a value already");
        ML_TRY(expect(reader, ':'));
        ML_TRY(read_value(reader, depth + 1, &value));
        if (json_object_set_new(object, name, value) != 0)
            return ml_fail_memory();
    }
    *ret_json = ML_TAKE(object);
    return MLEDGER_OK;
}

static int read_value(struct reader *reader, unsigned depth, json_t **ret_json)
{
    static const char digits[] = "+-.0123456789eE";
    if (depth > ML_GRAPHQL_DEPTH)
        return refuse(reader, "values are nested too deep");
    skip(reader);
    switch (*reader->at) {
    case '$':
        return read_variable(reader, ret_json);
    case '"':
        return read_text(reader, ret_json);
    case '[':
        return read_list(reader, depth, ret_json);
    case '{':
        return read_members(reader, '}', depth, ret_json);
    default:
        return name_length(reader) ? read_word(reader, ret_json)
                                   : read_literal(reader, strspn(reader->at, digits), ret_json);
    }
}

/* ---- fields ---- */

/* Kept with the query. */
static int read_arguments(struct reader *reader, const json_t **ret_arguments)
{
    json_t *arguments;
    if (is_next(reader, '('))
        ML_TRY(read_members(reader, ')', 1, &arguments));
    else if (!(arguments = json_object()))
        return ml_fail_memory();
    *ret_arguments = arguments;
    return json_array_append_new(reader->query->kept, arguments) == 0 ? MLEDGER_OK
                                                                      : ml_fail_memory();
}

static int read_fields(struct reader *reader, unsigned depth, struct ml_graphql_field *field);

static int read_field(struct reader *reader, unsigned depth, struct ml_graphql_field *field)
{
    skip(reader);
    if (*reader->at == '.')
        return refuse(reader, "fragments are not answered");
    if (++reader->n_fields > ML_GRAPHQL_FIELDS)
        return refuse(reader, "there are too many fields");
    ML_TRY(take_name(reader, &field->key));
    field->name = field->key;
    if (take(reader, ':'))
        ML_TRY(take_name(reader, &field->name));
    ML_TRY(read_arguments(reader, &field->arguments));
    if (is_next(reader, '@'))
        return refuse(reader, "directives on fields are not answered");
    return *reader->at == '{' ? read_fields(reader, depth + 1, field) : MLEDGER_OK;
}

/* "{ field … }" */
static int read_fields(struct reader *reader, unsigned depth, struct ml_graphql_field *field)
{
    struct ml_graphql_field *list = NULL;
    size_t cap = 0;
    if (depth > ML_GRAPHQL_DEPTH)
        return refuse(reader, "fields are nested too deep");
    ML_TRY(expect(reader, '{'));
    do {
        struct ml_graphql_field one = {0};
        ML_TRY(read_field(reader, depth, &one));
        if (ml_graphql_field_find(field, one.key))
            return refuse(reader, "the field before this is there twice");
        if (!ml_arena_grow(&reader->query->arena, &list, &cap, field->n_fields, sizeof *list))
            return ml_arena_fail(&reader->query->arena, "the query");
        list[field->n_fields++] = one;
        field->fields = list;
    } while (!take(reader, '}'));
    return MLEDGER_OK;
}

/* ---- operations ---- */

/* What they say is for other servers: the UI names its components by them. */
static int skip_directives(struct reader *reader)
{
    const char *name;
    const json_t *arguments;
    while (take(reader, '@')) {
        ML_TRY(take_name(reader, &name));
        ML_TRY(read_arguments(reader, &arguments));
    }
    return MLEDGER_OK;
}

/* "[[Type!]!]!" */
static int skip_type(struct reader *reader)
{
    const char *name;
    unsigned lists = 0;
    while (take(reader, '['))
        lists++;
    ML_TRY(take_name(reader, &name));
    take(reader, '!');
    for (; lists > 0; lists--) {
        ML_TRY(expect(reader, ']'));
        take(reader, '!');
    }
    return MLEDGER_OK;
}

/* "$name: Type = default" */
static int read_variable_definition(struct reader *reader)
{
    ML_CLEANUP(json_decrefp) json_t *value = NULL;
    const char *name;
    ML_TRY(expect(reader, '$'));
    ML_TRY(take_name(reader, &name));
    ML_TRY(expect(reader, ':'));
    ML_TRY(skip_type(reader));
    if (take(reader, '='))
        ML_TRY(read_value(reader, 1, &value));
    ML_TRY(skip_directives(reader));
    json_t *given = json_object_get(reader->given, name);
    if (given) {
        json_decref(value);
        value = json_incref(given);
    }
    if (json_object_set_new(reader->variables, name, value ? ML_TAKE(value) : json_null()) != 0)
        return ml_fail_memory();
    return MLEDGER_OK;
}

static int read_variables(struct reader *reader)
{
    if (json_object_clear(reader->variables) != 0)
        return ml_fail_memory();
    if (!take(reader, '('))
        return MLEDGER_OK;
    do {
        ML_TRY(read_variable_definition(reader));
    } while (!take(reader, ')'));
    return MLEDGER_OK;
}

static int read_operation(struct reader *reader, const char **ret_name,
                          struct ml_graphql_field *root)
{
    const char *kind;
    *ret_name = "";
    if (!is_next(reader, '{')) {
        ML_TRY(take_name(reader, &kind));
        if (strcmp(kind, "query") != 0 && strcmp(kind, "mutation") != 0)
            return refuse(reader, "queries and mutations are answered, and nothing else");
        if (name_length(reader))
            ML_TRY(take_name(reader, ret_name));
    }
    ML_TRY(read_variables(reader));
    ML_TRY(skip_directives(reader));
    ML_TRY(read_fields(reader, 1, root));
    return root->n_fields <= ML_GRAPHQL_ROOTS ? MLEDGER_OK
                                              : refuse(reader, "too much is asked at once");
}

static int read_document(struct reader *reader, const char *operation)
{
    size_t n_chosen = 0, count = 0;
    for (skip(reader); *reader->at || count == 0; skip(reader), count++) {
        struct ml_graphql_field root = {0};
        const char *name;
        ML_TRY(read_operation(reader, &name, &root));
        if (*operation && strcmp(name, operation) != 0)
            continue;
        reader->query->root = root;
        n_chosen++;
    }
    if (n_chosen == 1)
        return MLEDGER_OK;
    return refuse(reader, n_chosen == 0 ? "there is no operation of that name"
                          : *operation  ? "two operations have that name"
                                        : "which operation is meant is not said");
}

int ml_graphql_read(const char *text, const char *operation, const json_t *variables,
                    struct ml_graphql_query *ret_query)
{
    *ret_query = (struct ml_graphql_query){.kept = json_array()};
    ml_arena_init(&ret_query->arena, MEMORY);
    ML_CLEANUP(json_decrefp) json_t *declared = json_object();
    struct reader reader = {
        .text = text, .at = text, .query = ret_query, .given = variables, .variables = declared};
    if (!ret_query->kept || !declared)
        return ml_fail_memory();
    return read_document(&reader, operation ? operation : "");
}

void ml_graphql_query_release(struct ml_graphql_query *query)
{
    json_decref(query->kept);
    ml_arena_release(&query->arena);
    *query = (struct ml_graphql_query){0};
}

const struct ml_graphql_field *ml_graphql_field_find(const struct ml_graphql_field *field,
                                                     const char *key)
{
    for (size_t i = 0; i < field->n_fields; i++)
        if (strcmp(field->fields[i].key, key) == 0)
            return &field->fields[i];
    return NULL;
}
