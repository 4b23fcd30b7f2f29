/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/reference.h"

#include "ledger/core/utf8.h"
#include "ledger/query/digest_text.h"

enum { NUMBER_DIGITS = 19, HEX_DIGITS_MAX = 64 };

static int no_reference(const char *text, const char *why)
{
    return ml_fail(MLEDGER_EUSAGE, "'%.80s' is no reference: %s", text, why);
}

static bool is_number(struct ml_span span, uint64_t *ret_number)
{
    if (span.len == 0 || span.len > NUMBER_DIGITS)
        return false;
    uint64_t number = 0;
    for (size_t i = 0; i < span.len; i++) {
        if (span.data[i] < '0' || span.data[i] > '9')
            return false;
        number = 10 * number + (uint64_t)(span.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* The text behind `prefix`, if it begins so. */
static bool after(const char *text, const char *prefix, const char **ret_rest)
{
    size_t len = strlen(prefix);
    if (strncmp(text, prefix, len) != 0)
        return false;
    *ret_rest = text + len;
    return true;
}

static struct ml_span span_of(const char *text)
{
    return ML_SPAN(text, strlen(text));
}

/* Position of the last `c`, len if there is none. */
static size_t last_of(struct ml_span span, char c)
{
    for (size_t i = span.len; i-- > 0;)
        if (span.data[i] == (uint8_t)c)
            return i;
    return span.len;
}

static void split(struct ml_span span, size_t at, struct ml_reference_text *reference)
{
    reference->name = ML_SPAN(span.data, at);
    reference->part = ML_SPAN(span.data + at + 1, span.len - at - 1);
}

/* "sha256:HEX" with 7 digits or more; MD5 of a directory may end in ".dir", as DVC writes it. */
static int parse_digest(const char *text, struct ml_reference_text *reference)
{
    const char *colon = strchr(text, ':');
    reference->algorithm = ml_algorithm_find(text, colon ? (size_t)(colon - text) : 0);
    if (!colon || reference->algorithm == MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED)
        return no_reference(text, "it names no algorithm of digests");
    const char *hex = colon + 1;
    size_t len = strspn(hex, "0123456789abcdefABCDEF");
    if (reference->algorithm == MLEDGER__ALGORITHM__MD5 && strcmp(hex + len, ".dir") == 0)
        reference->algorithm = MLEDGER__ALGORITHM__MD5_DIR;
    else if (hex[len] != '\0')
        return no_reference(text, "a digest is hexadecimal");
    if (len < ML_REFERENCE_HEX_MIN)
        return no_reference(text, "a digest needs at least 7 digits");
    if (len > 2 * ml_algorithm_size(reference->algorithm) || len > HEX_DIGITS_MAX)
        return no_reference(text, "it has more digits than its algorithm gives");
    for (size_t i = 0; i < len; i++)
        reference->digits[i] = (char)(hex[i] >= 'A' && hex[i] <= 'F' ? hex[i] - 'A' + 'a' : hex[i]);
    reference->digits[len] = '\0';
    return MLEDGER_OK;
}

static int parse_commit(const char *whole, const char *hex, struct ml_reference_text *reference)
{
    char text[sizeof("git:") + HEX_DIGITS_MAX + 1];
    if (strlen(hex) > HEX_DIGITS_MAX)
        return no_reference(whole, "it has more digits than a commit");
    memcpy(text, "git:", 4);
    memcpy(text + 4, hex, strlen(hex) + 1);
    reference->form = ML_REFERENCE_DIGEST;
    return parse_digest(text, reference);
}

/* NAME, NAME/VERSION, NAME/STAGE, NAME@ALIAS. */
static int parse_model(const char *text, const char *rest, struct ml_reference_text *reference)
{
    struct ml_span span = span_of(rest);
    size_t slash = last_of(span, '/'), at = last_of(span, '@');
    reference->form = ML_REFERENCE_MODEL;
    reference->name = span;
    if (at < span.len && (slash == span.len || at > slash)) {
        split(span, at, reference);
        reference->form = ML_REFERENCE_ALIAS;
    } else if (slash < span.len) {
        split(span, slash, reference);
        reference->form = is_number(reference->part, &reference->number) ? ML_REFERENCE_VERSION
                                                                         : ML_REFERENCE_STAGE;
    }
    if (reference->name.len == 0)
        return no_reference(text, "the model's name is missing");
    if (reference->form != ML_REFERENCE_MODEL && reference->part.len == 0)
        return no_reference(text, "nothing follows the model's name");
    return MLEDGER_OK;
}

static int parse_run(const char *text, const char *rest, struct ml_reference_text *reference)
{
    const char *slash = strchr(rest, '/');
    reference->form = ML_REFERENCE_RUN;
    reference->name = ML_SPAN(rest, slash ? (size_t)(slash - rest) : strlen(rest));
    if (slash && slash[1] != '\0')
        reference->part = span_of(slash + 1);
    return reference->name.len ? MLEDGER_OK : no_reference(text, "the run's id is missing");
}

/* NAME, or NAME@ALGORITHM:HEX as ids of lineage write it. */
static int parse_dataset(const char *text, const char *rest, struct ml_reference_text *reference)
{
    struct ml_span span = span_of(rest);
    size_t at = last_of(span, '@');
    reference->form = ML_REFERENCE_DATASET;
    reference->name = span;
    const char *digest = at < span.len ? rest + at + 1 : NULL;
    const char *colon = digest ? strchr(digest, ':') : NULL;
    if (colon && ml_algorithm_find(digest, (size_t)(colon - digest)) !=
                     MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED) {
        ML_TRY(parse_digest(digest, reference));
        reference->name = ML_SPAN(rest, at);
    }
    return reference->name.len ? MLEDGER_OK : no_reference(text, "the dataset's name is missing");
}

static int parse_named(const char *text, const char *rest, enum ml_reference_form form,
                       struct ml_reference_text *reference)
{
    reference->form = form;
    reference->name = span_of(rest);
    return reference->name.len ? MLEDGER_OK : no_reference(text, "a name is missing");
}

/* Neither a scheme nor a number: NAME/3, NAME@ALIAS, or a word. */
static int parse_bare(const char *text, struct ml_reference_text *reference)
{
    struct ml_span span = span_of(text);
    struct ml_reference_text model = *reference;
    reference->form = ML_REFERENCE_WORD;
    reference->bare = true;
    reference->name = span;
    if (parse_model(text, text, &model) < 0) {
        ml_error_clear(); /* then it is only a word */
        return MLEDGER_OK;
    }
    if (model.form == ML_REFERENCE_VERSION || model.form == ML_REFERENCE_ALIAS) {
        model.bare = true;
        *reference = model;
    }
    return MLEDGER_OK;
}

static int parse_scheme(const char *text, struct ml_reference_text *reference)
{
    const char *rest;
    if (after(text, "models:/", &rest) || after(text, "model:", &rest) ||
        after(text, "version:", &rest))
        return parse_model(text, rest, reference);
    if (after(text, "runs:/", &rest) || after(text, "run:", &rest))
        return parse_run(text, rest, reference);
    if (after(text, "dataset:", &rest))
        return parse_dataset(text, rest, reference);
    if (after(text, "pipeline:", &rest))
        return parse_named(text, rest, ML_REFERENCE_PIPELINE, reference);
    if (after(text, "experiment:", &rest))
        return parse_named(text, rest, ML_REFERENCE_EXPERIMENT, reference);
    if (after(text, "actor:", &rest))
        return parse_named(text, rest, ML_REFERENCE_ACTOR, reference);
    if (after(text, "logged_model:", &rest))
        return parse_named(text, rest, ML_REFERENCE_LOGGED_MODEL, reference);
    if (after(text, "commit:", &rest))
        return parse_commit(text, rest, reference);
    if (!after(text, "file:", &rest))
        rest = text;
    const char *colon = strchr(rest, ':');
    if (rest != text || (colon && ml_algorithm_find(rest, (size_t)(colon - rest)) !=
                                      MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED)) {
        reference->form = ML_REFERENCE_DIGEST;
        return parse_digest(rest, reference);
    }
    return parse_bare(text, reference);
}

int ml_reference_parse(const char *text, struct ml_reference_text *ret_reference)
{
    size_t len = strnlen(text, ML_REFERENCE_MAX + 1);
    if (len == 0)
        return ml_fail(MLEDGER_EUSAGE, "an empty reference");
    if (len > ML_REFERENCE_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a reference of more than %d bytes", ML_REFERENCE_MAX);
    if (!ml_utf8_is_valid(ML_SPAN(text, len)))
        return ml_fail(MLEDGER_EUSAGE, "a reference that is no UTF-8");
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)text[i] < 0x20 || text[i] == 0x7f)
            return ml_fail(MLEDGER_EUSAGE, "a reference with a control character");
    struct ml_reference_text reference = {.whole = ML_SPAN(text, len)};
    if (text[0] == '#' && !is_number(ML_SPAN(text + 1, len - 1), &reference.number))
        return no_reference(text, "'#' is followed by the number of a record");
    if (text[0] == '#' || is_number(reference.whole, &reference.number))
        reference.form = ML_REFERENCE_RECORD;
    else
        ML_TRY(parse_scheme(text, &reference));
    *ret_reference = reference;
    return MLEDGER_OK;
}
