/* SPDX-License-Identifier: Apache-2.0 */
/* Reading MLflow's search language. */
#include "serve/mlflow/filter.h"

#include <math.h>
#include <strings.h>

#include "ledger/core/double.h"
#include "serve/mlflow/error.h"
#include "serve/mlflow/filter_key.h"

/* ---- words ---- */

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_TEXT,
    TOKEN_OPERATOR,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA
};

struct token {
    enum token_kind kind;
    const char *text; /* in the arena; of TOKEN_WORD as written, quotes of keys taken off */
    bool is_quoted;   /* a word that began with a double quote: where a value stands, a text */
};

struct parser {
    const char *at;
    const struct ml_rest_searchable *what;
    struct ml_arena *arena;
    struct token token; /* the next one */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word_char(char c)
{
    return c && !is_space(c) && !strchr("=!<>(),'\"`", c);
}

/* A text in single quotes; two of them stand for one. */
static int take_text(struct parser *parser)
{
    const char quote = '\'';
    const char *begin = ++parser->at;
    char *text = ml_arena_text(parser->arena, begin, strlen(begin));
    size_t len = 0;
    if (!text)
        return ml_arena_fail(parser->arena, "the filter");
    while (*parser->at && (*parser->at != quote || parser->at[1] == quote)) {
        parser->at += *parser->at == quote;
        text[len++] = *parser->at++;
    }
    if (!*parser->at)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid clause(s) in filter string: the quote "
                              "before '%.64s' is not closed",
                              begin);
    parser->at++;
    text[len] = '\0';
    parser->token = (struct token){TOKEN_TEXT, text, true};
    return MLEDGER_OK;
}

/* entity.key, where the key or a part of it may be quoted. */
static int take_word(struct parser *parser)
{
    char *text = ml_arena_text(parser->arena, parser->at, strlen(parser->at));
    const bool is_quoted = *parser->at == '"';
    size_t len = 0;
    if (!text)
        return ml_arena_fail(parser->arena, "the filter");
    while (is_word_char(*parser->at) || *parser->at == '`' || *parser->at == '"') {
        if (is_word_char(*parser->at)) {
            text[len++] = *parser->at++;
            continue;
        }
        const char quote = *parser->at++;
        while (*parser->at && *parser->at != quote)
            text[len++] = *parser->at++;
        if (!*parser->at)
            return ml_rest_refuse(ML_REST_INVALID,
                                  "Invalid clause(s) in filter string: the quote "
                                  "in '%.64s' is not closed",
                                  text);
        parser->at++;
    }
    text[len] = '\0';
    parser->token = (struct token){TOKEN_WORD, text, is_quoted};
    return MLEDGER_OK;
}

static int take_operator(struct parser *parser)
{
    static const char *const operators[] = {"!=", "<=", ">=", "=", "<", ">"};
    for (size_t i = 0; i < ML_COUNT(operators); i++) {
        if (strncmp(parser->at, operators[i], strlen(operators[i])) == 0) {
            parser->at += strlen(operators[i]);
            parser->token = (struct token){TOKEN_OPERATOR, operators[i], false};
            return MLEDGER_OK;
        }
    }
    return ml_rest_refuse(ML_REST_INVALID, "Invalid clause(s) in filter string: '%.64s'",
                          parser->at);
}

static int advance(struct parser *parser)
{
    static const struct {
        char c;
        enum token_kind kind;
    } marks[] = {{'\0', TOKEN_END}, {'(', TOKEN_OPEN}, {')', TOKEN_CLOSE}, {',', TOKEN_COMMA}};
    while (is_space(*parser->at))
        parser->at++;
    for (size_t i = 0; i < ML_COUNT(marks); i++) {
        if (*parser->at == marks[i].c) {
            parser->at += marks[i].c != '\0';
            parser->token = (struct token){marks[i].kind, "", false};
            return MLEDGER_OK;
        }
    }
    if (*parser->at == '\'')
        return take_text(parser);
    return is_word_char(*parser->at) || *parser->at == '`' || *parser->at == '"'
               ? take_word(parser)
               : take_operator(parser);
}

/* ---- clauses ---- */

static bool takes_number(const struct ml_rest_clause *clause)
{
    return clause->entity == ML_REST_METRIC ||
           (clause->entity == ML_REST_ATTRIBUTE && clause->attribute->is_number);
}

static bool is_keyword(const struct parser *parser, const char *word)
{
    return parser->token.kind == TOKEN_WORD && strcasecmp(parser->token.text, word) == 0;
}

/* NOT IN, IS NULL, IS NOT NULL: the rest of an operator of several words. */
static int expect_keyword(struct parser *parser, const char *word)
{
    if (!is_keyword(parser, word))
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid clause(s) in filter string: expected %s before '%.64s'",
                              word, parser->token.text);
    return advance(parser);
}

static int take_null(struct parser *parser, struct ml_rest_clause *clause)
{
    clause->op = ML_REST_IS_NULL;
    if (is_keyword(parser, "NOT")) {
        clause->op = ML_REST_IS_NOT_NULL;
        ML_TRY(advance(parser));
    }
    return expect_keyword(parser, "NULL");
}

static int read_operator(struct parser *parser, struct ml_rest_clause *clause)
{
    static const struct {
        const char *text;
        enum ml_rest_operator op;
    } operators[] = {{"=", ML_REST_EQ},       {"!=", ML_REST_NE},       {"<", ML_REST_LT},
                     {"<=", ML_REST_LE},      {">", ML_REST_GT},        {">=", ML_REST_GE},
                     {"LIKE", ML_REST_LIKE},  {"ILIKE", ML_REST_ILIKE}, {"IN", ML_REST_IN},
                     {"NOT", ML_REST_NOT_IN}, {"IS", ML_REST_IS_NULL}};
    const struct token token = parser->token;
    for (size_t i = 0; i < ML_COUNT(operators); i++) {
        if ((token.kind != TOKEN_OPERATOR && token.kind != TOKEN_WORD) ||
            strcasecmp(operators[i].text, token.text) != 0)
            continue;
        clause->op = operators[i].op;
        ML_TRY(advance(parser));
        if (clause->op == ML_REST_NOT_IN)
            return expect_keyword(parser, "IN");
        return clause->op == ML_REST_IS_NULL ? take_null(parser, clause) : MLEDGER_OK;
    }
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid clause(s) in filter string: no comparison "
                          "before '%.64s'",
                          token.text);
}

static int check_operator(const struct ml_rest_searchable *what,
                          const struct ml_rest_clause *clause)
{
    const bool orders = clause->op >= ML_REST_LT && clause->op <= ML_REST_GE;
    const bool is_list = clause->op == ML_REST_IN || clause->op == ML_REST_NOT_IN;
    const bool is_pattern = clause->op == ML_REST_LIKE || clause->op == ML_REST_ILIKE;
    const bool is_null = clause->op == ML_REST_IS_NULL || clause->op == ML_REST_IS_NOT_NULL;
    if (takes_number(clause) && (is_list || is_pattern))
        return ml_rest_refuse(
            ML_REST_INVALID,
            "Invalid comparator for '%.64s': it is a number, so it must be one of "
            "'>', '>=', '!=', '=', '<', '<='",
            clause->key);
    if (!takes_number(clause) && orders)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid comparator for '%.64s': it is text, so it must be one of "
                              "'!=', '=', 'LIKE', 'ILIKE', 'IN'",
                              clause->key);
    if (is_null && clause->entity != ML_REST_TAG && clause->entity != ML_REST_PARAM)
        return ml_rest_refuse(ML_REST_INVALID,
                              "IS NULL / IS NOT NULL is only supported for tags "
                              "and params, not for '%.64s'",
                              clause->key);
    if (is_list && !what->has_lists && clause->entity != ML_REST_ATTRIBUTE &&
        clause->entity != ML_REST_DATASET)
        return ml_rest_refuse(ML_REST_INVALID, "Only attributes and datasets in filter string "
                                               "support IN and NOT IN");
    return MLEDGER_OK;
}

/* What MLflow calls the entity of a clause that takes a text. */
static const char *entity_noun(enum ml_rest_entity entity)
{
    switch (entity) {
    case ML_REST_PARAM:
        return "parameter";
    case ML_REST_TAG:
        return "tag";
    case ML_REST_DATASET:
        return "dataset attributes";
    default:
        return "attributes";
    }
}

static int refuse_text(const struct ml_rest_clause *clause, const struct token *token)
{
    double number;
    const bool is_number = ml_double_parse(token->text, strlen(token->text), &number) == MLEDGER_OK;
    if (token->kind != TOKEN_WORD || is_number)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Expected a quoted string value for %s (e.g. 'my-value'). Got value "
                              "%.64s",
                              entity_noun(clause->entity), token->text);
    return ml_rest_refuse(ML_REST_INVALID,
                          "Parameter value is either not quoted or unidentified quote types used "
                          "for string value %.64s. Use either single or double quotes.",
                          token->text);
}

static int add_text(struct parser *parser, struct ml_rest_clause *clause, size_t *cap)
{
    if (!parser->token.is_quoted)
        return refuse_text(clause, &parser->token);
    if (clause->n_texts == *cap) {
        const size_t more = *cap ? 2 * *cap : 4;
        const char **grown = ml_arena_calloc(parser->arena, more, sizeof *grown);
        if (!grown)
            return ml_arena_fail(parser->arena, "the filter");
        if (clause->n_texts)
            memcpy(grown, clause->texts, clause->n_texts * sizeof *grown);
        clause->texts = grown;
        *cap = more;
    }
    clause->texts[clause->n_texts++] = parser->token.text;
    return advance(parser);
}

static int read_list(struct parser *parser, struct ml_rest_clause *clause)
{
    size_t cap = 0;
    if (parser->token.kind != TOKEN_OPEN)
        return ml_rest_refuse(ML_REST_INVALID, "Invalid clause(s) in filter string: a list in "
                                               "parentheses must follow IN");
    do {
        ML_TRY(advance(parser));
        ML_TRY(add_text(parser, clause, &cap));
    } while (parser->token.kind == TOKEN_COMMA);
    if (parser->token.kind != TOKEN_CLOSE)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid clause(s) in filter string: the list of "
                              "'%s' is not closed",
                              clause->key);
    return advance(parser);
}

static int read_number(struct parser *parser, struct ml_rest_clause *clause)
{
    const char *text = parser->token.text;
    clause->is_number = true;
    const bool is_word = parser->token.kind == TOKEN_WORD ||
                         (parser->token.kind == TOKEN_TEXT && parser->what->has_quoted_numbers);
    if (!is_word || ml_double_parse(text, strlen(text), &clause->number) < 0)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Expected numeric value type for %s%.64s. Found %.64s",
                              clause->entity == ML_REST_METRIC ? "metric" : "numeric attribute: ",
                              clause->entity == ML_REST_METRIC ? "" : clause->key, text);
    return advance(parser);
}

static int read_value(struct parser *parser, struct ml_rest_clause *clause)
{
    size_t cap = 0;
    ML_TRY(check_operator(parser->what, clause));
    if (clause->op == ML_REST_IS_NULL || clause->op == ML_REST_IS_NOT_NULL)
        return MLEDGER_OK;
    if (clause->op == ML_REST_IN || clause->op == ML_REST_NOT_IN)
        return read_list(parser, clause);
    return takes_number(clause) ? read_number(parser, clause) : add_text(parser, clause, &cap);
}

static int read_clause(struct parser *parser, struct ml_rest_clause *clause)
{
    if (parser->token.kind != TOKEN_WORD)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid clause(s) in filter string: no key before "
                              "'%.64s'",
                              parser->at);
    ML_TRY(ml_rest_key_read(parser->what, ML_REST_TO_FILTER, parser->token.text, &clause->entity,
                            &clause->attribute, &clause->key));
    ML_TRY(advance(parser));
    ML_TRY(read_operator(parser, clause));
    return read_value(parser, clause);
}

int ml_rest_filter_parse(const char *text, const struct ml_rest_searchable *what,
                         struct ml_arena *arena, struct ml_rest_filter *ret_filter)
{
    struct parser parser = {.at = text ? text : "", .what = what, .arena = arena};
    *ret_filter = (struct ml_rest_filter){0};
    if (strlen(parser.at) > ML_REST_FILTER_MAX)
        return ml_rest_refuse(ML_REST_INVALID, "the filter is over %d bytes", ML_REST_FILTER_MAX);
    ML_TRY(advance(&parser));
    if (parser.token.kind == TOKEN_END)
        return MLEDGER_OK;
    ret_filter->clauses = ml_arena_calloc(arena, ML_REST_CLAUSES_MAX, sizeof *ret_filter->clauses);
    if (!ret_filter->clauses)
        return ml_arena_fail(arena, "the filter");
    while (true) {
        if (ret_filter->count == ML_REST_CLAUSES_MAX)
            return ml_rest_refuse(ML_REST_INVALID, "the filter has more than %d comparisons",
                                  ML_REST_CLAUSES_MAX);
        ML_TRY(read_clause(&parser, &ret_filter->clauses[ret_filter->count++]));
        if (parser.token.kind == TOKEN_END)
            return MLEDGER_OK;
        ML_TRY(expect_keyword(&parser, "AND"));
    }
}

int ml_rest_order_parse(const char *text, const struct ml_rest_searchable *what,
                        struct ml_arena *arena, struct ml_rest_order *ret_order)
{
    struct parser parser = {.at = text, .what = what, .arena = arena};
    *ret_order = (struct ml_rest_order){0};
    ML_TRY(advance(&parser));
    if (parser.token.kind != TOKEN_WORD)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid order_by clause '%.64s'. Could not be parsed.", text);
    ML_TRY(ml_rest_key_read(what, ML_REST_TO_ORDER, parser.token.text, &ret_order->entity,
                            &ret_order->attribute, &ret_order->key));
    ML_TRY(advance(&parser));
    ret_order->descending = is_keyword(&parser, "DESC");
    if (ret_order->descending || is_keyword(&parser, "ASC"))
        ML_TRY(advance(&parser));
    if (parser.token.kind != TOKEN_END)
        return ml_rest_refuse(ML_REST_INVALID,
                              "Invalid order_by clause '%.64s'. Could not be parsed.", text);
    return MLEDGER_OK;
}
