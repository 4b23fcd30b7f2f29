/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/basis.h"

#include <inttypes.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/query/basis_json.h"

enum {
    LINK_DIGITS = 12,  /* of a link in text */
    MARGIN = 2,        /* before each line of records */
    LINE_WIDTH = 96,   /* where there is no terminal */
    TERMINAL_LINES = 3 /* of records on a terminal */
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

int ml_basis_print(struct ml_basis *basis, struct ml_moment *moment, const char *known_dir,
                   struct ml_output *out)
{
    struct ml_basis_verified verified;
    ML_TRY(ml_basis_verified(&moment->view, known_dir, &verified));
    ml_basis_settle(basis);
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
