/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/gto.h"

enum { NAME_MAX_LEN = 1024 }; /* longer ones are nobody's */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/* A part of the text that is being read. */
struct part {
    const char *text;
    size_t len;
};

static bool has_only(struct part part, const char *allowed)
{
    return strspn(part.text, allowed) >= part.len;
}

static bool is_alphanumeric(char c)
{
    return c != '\0' && strchr(LETTERS DIGITS, c) != NULL;
}

/* `[a-zA-Z0-9]([a-zA-Z0-9-/_]*[a-zA-Z0-9])?` */
static bool is_name(struct part part)
{
    return part.len > 0 && has_only(part, LETTERS DIGITS "-/_") && is_alphanumeric(part.text[0]) &&
           is_alphanumeric(part.text[part.len - 1]);
}

static bool is_number(struct part part)
{
    return part.len > 0 && has_only(part, DIGITS) && (part.len == 1 || part.text[0] != '0');
}

/* What stands before the first of `ends`, which is taken off `rest` with it. */
static struct part cut(struct part *rest, const char *ends)
{
    size_t len = strcspn(rest->text, ends);
    len = len < rest->len ? len : rest->len;
    const struct part before = {rest->text, len};
    const size_t taken = len + (len < rest->len);
    *rest = (struct part){rest->text + taken, rest->len - taken};
    return before;
}

/* Dot-separated words of letters, digits and '-'; with `strict` numbers have no leading zero. */
static bool are_words(struct part part, bool strict)
{
    bool more = true;
    while (more) {
        const size_t len = part.len;
        const struct part word = cut(&part, ".");
        more = word.len < len;
        if (word.len == 0 || !has_only(word, LETTERS DIGITS "-") ||
            (strict && has_only(word, DIGITS) && !is_number(word)))
            return false;
    }
    return true;
}

/* semver.org 2.0.0, behind a 'v'. */
static bool is_version(struct part part)
{
    if (part.len == 0 || part.text[0] != 'v')
        return false;
    struct part rest = {part.text + 1, part.len - 1};
    const size_t all = rest.len;
    struct part core = cut(&rest, "+");
    if (core.len < all && !are_words(rest, false))
        return false;
    rest = core;
    const size_t both = rest.len;
    core = cut(&rest, "-");
    if (core.len < both && !are_words(rest, true))
        return false;
    const struct part major = cut(&core, "."), minor = cut(&core, ".");
    return is_number(major) && is_number(minor) && is_number(core);
}

static int keep(struct ml_pool *pool, struct part part, const char **ret_text)
{
    *ret_text = ml_pool_text(pool, part.text, part.len);
    return *ret_text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static uint64_t number_of(struct part digits)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.len; i++)
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(digits.text[i] - '0'), &number))
            return UINT64_MAX;
    return number;
}

/* Takes "#N" off the end, where something is before it. */
static struct part take_counter(struct part rest, uint64_t *ret_counter)
{
    size_t digits = 0;
    *ret_counter = 0;
    while (digits < rest.len && strchr(DIGITS, rest.text[rest.len - digits - 1]))
        digits++;
    if (digits == 0 || digits == rest.len || rest.text[rest.len - digits - 1] != '#')
        return rest;
    *ret_counter = number_of((struct part){rest.text + rest.len - digits, digits});
    rest.len -= digits + 1;
    return rest;
}

static struct part take_cancel(struct part rest, bool *ret_cancel)
{
    *ret_cancel = rest.len > 0 && rest.text[rest.len - 1] == '!';
    rest.len -= *ret_cancel;
    return rest;
}

static bool is_word(struct part part, const char *word)
{
    return part.len == strlen(word) && memcmp(part.text, word, part.len) == 0;
}

/* What stands behind '@' or '#'. */
static int read_action(struct ml_pool *pool, char mark, struct part action, struct ml_gto_tag *tag)
{
    bool cancel;
    if (mark == '@' && (is_word(action, "deprecated") || is_word(action, "created"))) {
        tag->kind = is_word(action, "created") ? ML_GTO_CREATE : ML_GTO_DEPRECATE;
        return MLEDGER_OK;
    }
    action = take_cancel(action, &cancel);
    if (mark == '@' && is_version(action)) {
        tag->kind = cancel ? ML_GTO_DEREGISTER : ML_GTO_REGISTER;
        return keep(pool, action, &tag->version);
    }
    if (mark == '#' && is_name(action)) {
        tag->kind = cancel ? ML_GTO_UNASSIGN : ML_GTO_ASSIGN;
        return keep(pool, action, &tag->stage);
    }
    return MLEDGER_ENOTFOUND;
}

static int read_artifact(struct ml_pool *pool, struct part artifact, struct ml_gto_tag *tag)
{
    const struct part whole = artifact;
    struct part dir = cut(&artifact, "=");
    const bool has_dir = dir.len < whole.len;
    const struct part name = has_dir ? artifact : whole;
    if (!is_name(name) || (has_dir && (dir.len == 0 || !has_only(dir, LETTERS DIGITS "-_./"))))
        return MLEDGER_ENOTFOUND;
    ML_TRY(keep(pool, name, &tag->name));
    tag->dir = ".";
    tag->artifact = tag->name;
    if (!has_dir)
        return MLEDGER_OK;
    ML_TRY(keep(pool, dir, &tag->dir));
    tag->artifact = ml_pool_printf(pool, "%s:%s", tag->dir, tag->name);
    return tag->artifact ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

int ml_gto_parse(struct ml_pool *pool, const char *name, struct ml_gto_tag *ret_tag)
{
    struct ml_gto_tag tag = {0};
    struct part rest = {name, strlen(name)};
    if (rest.len > NAME_MAX_LEN)
        return MLEDGER_ENOTFOUND;
    const struct part artifact = cut(&rest, "@#");
    if (artifact.len == strlen(name))
        return MLEDGER_ENOTFOUND;
    ML_TRY(read_artifact(pool, artifact, &tag));
    rest = take_counter(rest, &tag.counter);
    ML_TRY(read_action(pool, name[artifact.len], rest, &tag));
    *ret_tag = tag;
    return MLEDGER_OK;
}
