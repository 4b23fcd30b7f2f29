/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/basis.h"

#include <inttypes.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/basis_json.h"

enum {
    LINK_DIGITS = 12,   /* of a link in text */
    MARGIN = 2,         /* before each line of records */
    LINE_WIDTH = 96,    /* where there is no terminal */
    TERMINAL_LINES = 3, /* of records on a terminal */
    TERMINAL_CORRECTIONS = 10,
    TOUCHED_MAX = 8 /* records that one line of a correction names */
};

/* ---- text ---- */

static void print_unknown(const struct ml_basis *basis, struct ml_output *out)
{
    if (basis->n_unknown == 0)
        return;
    ml_output_line(out, ML_ROLE_WARN, "not known:");
    for (size_t i = 0; i < basis->n_unknown; i++)
        ml_output_line(out, ML_ROLE_PLAIN, "  %s", basis->unknown[i]);
}

/* " (casts doubt on #112, #113)". An erasure is about its one record as it stands. */
static int append_touched(const struct ml_correction *correction, struct ml_buf *text)
{
    size_t shown = correction->n_of < TOUCHED_MAX ? correction->n_of : TOUCHED_MAX;
    if (correction->kind == ML_CORRECTION_ERASURE)
        return ml_buf_append_text(text, " (details erased)");
    if (shown == 0)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_text(text, correction->kind == ML_CORRECTION_CLOCK
                                        ? " (the clock was wrong at"
                                        : " (casts doubt on"));
    for (size_t i = 0; i < shown; i++)
        ML_TRY(ml_buf_printf(text, "%s #%" PRIu64, i ? "," : "", correction->of[i]));
    if (shown < correction->n_of)
        ML_TRY(ml_buf_printf(text, " and %zu more", correction->n_of - shown));
    return ml_buf_append_char(text, ')');
}

int ml_correction_text(const struct ml_correction *correction, struct ml_buf *text)
{
    const struct ml_change *change = &correction->change;
    char recorded[ML_TIME_TEXT_SIZE], claimed[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(change->recorded_us, recorded));
    ML_TRY(ml_time_format(change->claimed_us, claimed));
    ML_TRY(ml_buf_printf(text, "#%" PRIu64 "  %s%s%s", change->seq, correction->subject,
                         *correction->subject && *correction->summary ? ", " : "",
                         correction->summary));
    ML_TRY(append_touched(correction, text));
    ML_TRY(ml_buf_append_text(text, ": "));
    if (change->claimed_us != change->recorded_us)
        ML_TRY(ml_buf_printf(text, "claimed %s, ", claimed));
    return ml_buf_printf(text, "recorded %s, %s", recorded, change->who);
}

static int print_corrections(const struct ml_corrections *corrections, struct ml_output *out)
{
    size_t shown = corrections->count;
    if (out->width && shown > TERMINAL_CORRECTIONS)
        shown = TERMINAL_CORRECTIONS;
    if (corrections->count)
        ml_output_line(out, ML_ROLE_WARN, "recorded later, and not in this answer:");
    for (size_t i = 0; i < shown; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_correction_text(&corrections->list[i], &text));
        ml_output_line(out, ML_ROLE_PLAIN, "  %.*s", (int)text.len, (const char *)text.data);
    }
    if (shown < corrections->count)
        ml_output_line(out, ML_ROLE_DIM, "  ... and %zu more: --json lists all",
                       corrections->count - shown);
    return MLEDGER_OK;
}

/* Columns of "  #41 3fa9c01d22ab" for the longest number. */
static size_t column_width(const struct ml_basis *basis)
{
    int digits = snprintf(NULL, 0, "%" PRIu64, basis->seqs[basis->n_seqs - 1]);
    return MARGIN + 1 + (size_t)digits + 1 + LINK_DIGITS;
}

static int print_record(struct ml_view *view, uint64_t seq, size_t width, struct ml_output *out)
{
    uint8_t link[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], text[64];
    ML_TRY(ml_view_link_at(view, seq, link));
    ml_hex_encode(hex, link, LINK_DIGITS / 2);
    int len = snprintf(text, sizeof text, "#%" PRIu64 " %s", seq, hex);
    ml_output_spaces(out, width > (size_t)len ? width - (size_t)len : MARGIN);
    ml_output_text(out, ML_ROLE_DIM, "%s", text);
    return MLEDGER_OK;
}

static int print_records(const struct ml_basis *basis, struct ml_view *view, struct ml_output *out)
{
    if (basis->n_seqs == 0)
        return MLEDGER_OK;
    size_t width = column_width(basis);
    size_t a_line = (out->width ? out->width : LINE_WIDTH) / width;
    a_line = a_line ? a_line : 1;
    size_t shown = basis->n_seqs;
    if (out->width && shown > TERMINAL_LINES * a_line)
        shown = TERMINAL_LINES * a_line;
    ml_output_line(out, ML_ROLE_PLAIN, "records used, with their links:");
    for (size_t i = 0; i < shown; i++) {
        ML_TRY(print_record(view, basis->seqs[i], width, out));
        if ((i + 1) % a_line == 0 || i + 1 == shown)
            ml_output_newline(out);
    }
    if (shown < basis->n_seqs)
        ml_output_line(out, ML_ROLE_DIM, "  ... and %zu more: --json lists all",
                       basis->n_seqs - shown);
    return ml_output_check(out);
}

static void print_verified(const struct ml_basis_verified *verified, uint64_t as_of,
                           struct ml_output *out)
{
    bool any = verified->size > 0, all = as_of < verified->size;
    if (any)
        ml_output_text(out, all ? ML_ROLE_GOOD : ML_ROLE_WARN,
                       "verified on this machine up to #%" PRIu64 "%s", verified->size - 1,
                       all ? "" : ", not what came after: mledger verify goes on from there");
    else
        ml_output_text(out, ML_ROLE_WARN,
                       "not verified on this machine: mledger verify proves the records");
    if (verified->checkpoint_size)
        ml_output_text(out, ML_ROLE_PLAIN,
                       "; the newest signed checkpoint seen here covers #0 to #%" PRIu64,
                       verified->checkpoint_size - 1);
    else if (any)
        ml_output_text(out, ML_ROLE_PLAIN, "; no signed checkpoint seen here");
    ml_output_newline(out);
}

int ml_corrections_note(const struct ml_corrections *corrections,
                        const struct ml_invocation *invocation, const char *lister)
{
    const size_t count = corrections->count;
    const bool one = count == 1;
    struct ml_output err;
    if (count == 0 || invocation->quiet)
        return MLEDGER_OK;
    ml_output_init(&err, stderr, invocation->color);
    ml_output_line(
        &err, ML_ROLE_WARN,
        "note: %zu record%s made later bear%s on this and %s not in it; what lists %s: %s", count,
        one ? "" : "s", one ? "s" : "", one ? "is" : "are", one ? "it" : "them", lister);
    return ml_output_finish(&err);
}

int ml_basis_print(struct ml_basis *basis, struct ml_moment *moment, const char *known_dir,
                   struct ml_output *out)
{
    struct ml_basis_verified verified;
    ML_TRY(ml_basis_verified(&moment->view, known_dir, &verified));
    ml_basis_settle(basis);
    ML_TRY(print_corrections(&basis->corrections, out));
    print_unknown(basis, out);
    ML_TRY(print_records(basis, &moment->view, out));
    ml_output_line(out, ML_ROLE_PLAIN, "as of #%" PRIu64 ", %s", moment->as_of, moment->as_of_time);
    print_verified(&verified, moment->as_of, out);
    return ml_output_check(out);
}

/* ---- JSON ---- */

int ml_basis_put_json(struct ml_basis *basis, struct ml_moment *moment, const char *known_dir,
                      json_t *json)
{
    json_t *object;
    ML_TRY(ml_basis_to_json(basis, &moment->view, moment->as_of, known_dir, &object));
    return ml_json_put(json, "basis", object);
}
