/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote_question.h"

#include "cli/key_choice.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

/* ---- what is asked ---- */

static bool is_among(const char *name, const struct ml_option *options)
{
    for (; options->name; options++)
        if (strcmp(options->name, name) == 0)
            return true;
    return false;
}

static bool is_word(const char *name, const struct ml_remote_word *words)
{
    for (; words->word; words++)
        if (words->kind >= ML_REMOTE_OPTION && strcmp(words->word, name) == 0)
            return true;
    return false;
}

/* An option that would be left out is refused: the answer would be that to another question. */
static int check_options(const struct ml_invocation *invocation, const struct ml_remote_word *words)
{
    static const struct ml_option ours[] = {
        ML_OPTIONS_REMOTE, ML_OPTION_OUTPUT, ML_OPTION_OPEN, {.name = "format"}, {.name = NULL}};
    const struct ml_option *option = invocation->command->options;
    for (; option && option->name; option++)
        if (ml_option_given(invocation, option->name) && !is_among(option->name, ours) &&
            !is_word(option->name, words))
            return ml_fail(MLEDGER_EUSAGE, "a server is not asked by --%s", option->name);
    return MLEDGER_OK;
}

/* A key's file is here, and its name says nothing to the server. */
static int ask_key(struct ml_remote *remote, const struct ml_remote_word *word, const char *text,
                   struct ml_api_ask *ask)
{
    const char *name = ml_key_named(text);
    uint8_t key[ML_KEY_SIZE];
    char digits[sizeof "key:" + ML_HEX_SIZE(ML_KEY_SIZE)] = "key:";
    if (!name || ml_key_is_digits(name)) {
        ml_api_ask_text(ask, word->name, text);
        return MLEDGER_OK;
    }
    ML_TRY(ml_key_of_file(&remote->session, name, key));
    ml_hex_encode(digits + strlen(digits), key, ML_KEY_SIZE);
    ml_api_ask_text(ask, word->name, digits);
    return MLEDGER_OK;
}

static int ask_word(struct ml_remote *remote, const struct ml_remote_word *word,
                    struct ml_api_ask *ask)
{
    const struct ml_invocation *invocation = remote->session.invocation;
    switch (word->kind) {
    case ML_REMOTE_ARGUMENT:
        for (size_t i = 0; i < ml_argument_count(invocation, word->word); i++)
            ml_api_ask_text(ask, word->name, ml_argument_at(invocation, word->word, i));
        return MLEDGER_OK;
    case ML_REMOTE_KEYS:
        for (size_t i = 0; i < ml_argument_count(invocation, word->word); i++)
            ML_TRY(ask_key(remote, word, ml_argument_at(invocation, word->word, i), ask));
        return MLEDGER_OK;
    case ML_REMOTE_OPTION:
        for (size_t i = 0; i < ml_option_count(invocation, word->word); i++)
            ml_api_ask_text(ask, word->name, ml_option_at(invocation, word->word, i));
        return MLEDGER_OK;
    case ML_REMOTE_IMPLIED:
        return MLEDGER_OK;
    default:
        if (ml_option_given(invocation, word->word))
            ml_api_ask_text(ask, word->name, word->kind == ML_REMOTE_FLAG ? "true" : "false");
        return MLEDGER_OK;
    }
}

int ml_remote_ask_words(struct ml_remote *remote, const struct ml_remote_word *words,
                        struct ml_api_ask *ask)
{
    ML_TRY(check_options(remote->session.invocation, words));
    for (; words->word; words++)
        ML_TRY(ask_word(remote, words, ask));
    return MLEDGER_OK;
}

/* ---- what is answered ---- */

static int judge(const struct ml_remote_question *question, const struct ml_buf *bytes)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    if (!question->verdict)
        return MLEDGER_OK;
    ML_TRY(ml_json_parse((const char *)bytes->data, bytes->len, &json));
    const json_t *verdict = json_object_get(json, question->verdict);
    const bool is_no =
        json_is_array(verdict) ? json_array_size(verdict) == 0 : !json_is_true(verdict);
    return is_no ? ML_ANSWER_NO : MLEDGER_OK;
}

static int ask_all(struct ml_remote *remote, const struct ml_remote_question *question,
                   struct ml_buf *ret_bytes)
{
    struct ml_api_ask ask;
    ml_api_ask(remote->client, &ask, "%s", question->path);
    const int result = ml_remote_ask_words(remote, question->words, &ask);
    if (result < 0) {
        ml_api_ask_release(&ask);
        return result;
    }
    return ml_api_get(remote->client, &ask, ret_bytes);
}

int ml_remote_question(const struct ml_invocation *invocation,
                       const struct ml_remote_question *question, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    ML_CLEANUP(ml_answer_release) struct ml_answer answer;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_answer_open(invocation, question->formats, out, &answer));
    if (answer.format != ML_ANSWER_JSON)
        return ml_fail(MLEDGER_EUSAGE, "a server answers this as JSON: --json, -o FILE.json");
    ML_TRY(ml_remote_open(invocation, out, &remote));
    ML_TRY(ask_all(&remote, question, &bytes));
    const int verdict = judge(question, &bytes);
    ML_TRY(verdict);
    ML_TRY(ml_buf_append_char(&bytes, '\n'));
    ml_output_raw(answer.out, bytes.data, bytes.len);
    ML_TRY(ml_answer_finish(&answer));
    return verdict;
}
