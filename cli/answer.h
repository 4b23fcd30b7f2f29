/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a question's answer looks like and where it goes: --format and -o, for commands that answer
 * in text, JSON or a picture.
 *
 * A file is written under another name beside it and renamed when it is whole, so -o never leaves
 * half an answer, and what stood there stays if there is none.
 */
#ifndef ML_CLI_ANSWER_H
#define ML_CLI_ANSWER_H

#include "cli/output.h"
#include "export/drawing.h"
#include "ledger/store/ledger.h"

enum ml_answer_format {
    ML_ANSWER_TEXT,
    ML_ANSWER_JSON,
    ML_ANSWER_SVG,
    ML_ANSWER_PNG,
    ML_ANSWER_PDF,
    ML_ANSWER_DOT,
    ML_ANSWER_MERMAID,
    ML_ANSWER_HTML,
    ML_ANSWER_CSV,
};

#define ML_OPTION_OUTPUT                                                                           \
    {                                                                                              \
        .name = "output", .letter = 'o', .value = "FILE", .rule = {.kind = ML_VALUE_FILE},         \
        .help = "Write the answer to FILE. Its ending chooses the format where --format does not." \
    }

/* For commands that also have ML_OPTION_OUTPUT. */
#define ML_OPTION_OPEN                                                                             \
    {                                                                                              \
        .name = "open",                                                                            \
        .help = "Open FILE when it is written, in the program that the desktop has for it."        \
    }

struct ml_answer {
    enum ml_answer_format format;
    bool opens;            /* --open */
    struct ml_output *out; /* where to write: the command's own output, or `file` */
    struct ml_output file;
    FILE *stream;
    const char *path; /* borrowed */
    char *temporary;
};

/*
 * Chooses the format: --format (an option with `choices`, whose words are among text, json, svg,
 * png, pdf, dot, mermaid, html, csv), else --json, else the ending of -o, else text; and opens -o.
 * Initialises *ret_answer in any case, to be released. MLEDGER_EUSAGE: --json with another format,
 * an ending that names one of those words but no choice, a binary picture onto a terminal, --open
 * without a file. MLEDGER_ESYSTEM: the file cannot be
 * made, or not be opened here (cli/opener.h).
 */
int ml_answer_open(const struct ml_invocation *invocation, const char *const *choices,
                   struct ml_output *out, struct ml_answer *ret_answer) ML_MUST_USE;
/* Puts the file in its place, and opens it if --open was given. MLEDGER_ESYSTEM: something could
 * not be written, or not be opened; what was written stays then. */
int ml_answer_finish(struct ml_answer *answer) ML_MUST_USE;
void ml_answer_release(struct ml_answer *answer);

bool ml_answer_is_picture(const struct ml_answer *answer);
/* Renders the drawing into the answer, whose format is one of pictures. `max_nodes` as
 * struct ml_draw_limits. Errors as ml_drawing_render(). */
int ml_answer_draw(struct ml_answer *answer, const struct ml_drawing *drawing,
                   size_t max_nodes) ML_MUST_USE;
/* The same of what was drawn as SVG; the format is SVG, PNG or PDF. Errors as ml_svg_convert(). */
int ml_answer_draw_svg(struct ml_answer *answer, const struct ml_buf *svg,
                       const char *as_of_time) ML_MUST_USE;

#endif
