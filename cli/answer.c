/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/answer.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>
#include <unistd.h>

#include "cli/opener.h"
#include "cli/outfile.h"
#include "export/draw_convert.h"

static const char *const words[] = {
    [ML_ANSWER_TEXT] = "text",       [ML_ANSWER_JSON] = "json", [ML_ANSWER_SVG] = "svg",
    [ML_ANSWER_PNG] = "png",         [ML_ANSWER_PDF] = "pdf",   [ML_ANSWER_DOT] = "dot",
    [ML_ANSWER_MERMAID] = "mermaid", [ML_ANSWER_HTML] = "html", [ML_ANSWER_CSV] = "csv",
};

/* ---- the format ---- */

static bool find_format(const char *word, enum ml_answer_format *ret_format)
{
    for (size_t i = 0; i < ML_COUNT(words); i++) {
        if (strcasecmp(words[i], word) != 0)
            continue;
        *ret_format = (enum ml_answer_format)i;
        return true;
    }
    return false;
}

static bool is_among(const char *word, const char *const *choices)
{
    for (; *choices; choices++)
        if (strcasecmp(word, *choices) == 0)
            return true;
    return false;
}

/* By the end of the file's name. One that promises another form than there is here is refused
 * rather than filled with text. */
static int choose_by_name(const char *path, const char *const *choices,
                          enum ml_answer_format *ret_format)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    const char *slash = path ? strrchr(path, '/') : NULL;
    const char *dot = path ? strrchr(slash ? slash : path, '.') : NULL;
    if (!dot || !find_format(dot + 1, ret_format))
        return MLEDGER_OK;
    if (is_among(dot + 1, choices))
        return MLEDGER_OK;
    for (size_t i = 0; choices[i]; i++)
        ML_TRY(ml_buf_printf(&list, "%s%s",
                             i == 0           ? ""
                             : choices[i + 1] ? ", "
                                              : " or ",
                             choices[i]));
    ML_TRY(ml_buf_append_char(&list, '\0'));
    ml_fail(MLEDGER_EUSAGE, "this answer cannot be had as %s", words[*ret_format]);
    return ml_hint("as %s it can; --format says which, whatever the file is called",
                   (const char *)list.data);
}

static int choose_format(const struct ml_invocation *invocation, const char *const *choices,
                         enum ml_answer_format *ret_format)
{
    const char *word = ml_option_text(invocation, "format", NULL);
    *ret_format = ML_ANSWER_TEXT;
    if (word && invocation->json && strcmp(word, "json") != 0)
        return ml_fail(MLEDGER_EUSAGE, "--json and --format %s are two formats", word);
    if (!word && !invocation->json)
        return choose_by_name(ml_option_text(invocation, "output", NULL), choices, ret_format);
    const bool is_format = find_format(word ? word : "json", ret_format);
    assert(is_format); /* the option's choices are formats */
    (void)is_format;
    return MLEDGER_OK;
}

/* ---- the file ---- */

static int open_file(struct ml_answer *answer, enum ml_color color)
{
    const char *name = answer->path;
    if (ml_outfile_can_be_replaced(name)) {
        ML_CLEANUP(ml_buf_release) struct ml_buf temporary = {0};
        ML_TRY(ml_buf_printf(&temporary, "%s.%jd.new", name, (intmax_t)getpid()));
        ML_TRY(ml_buf_take_text(&temporary, &answer->temporary));
        name = answer->temporary;
    }
    answer->stream = fopen(name, answer->temporary ? "wxe" : "we");
    if (!answer->stream) {
        int error = errno;
        free(ML_TAKE(answer->temporary)); /* not ours */
        return ml_fail_errno(error, "cannot make '%s'", answer->path);
    }
    ml_output_init(&answer->file, answer->stream, color);
    answer->out = &answer->file;
    return MLEDGER_OK;
}

/* A command need not have the option. */
static int choose_opening(const struct ml_invocation *invocation, const char *path,
                          struct ml_answer *answer)
{
    answer->opens = ml_option_find(invocation->command, "open", strlen("open")) &&
                    ml_option_given(invocation, "open");
    if (!answer->opens)
        return MLEDGER_OK;
    if (!path || strcmp(path, "-") == 0)
        return ml_fail(MLEDGER_EUSAGE, "--open needs a file to open: -o FILE");
    return ml_opener_check();
}

int ml_answer_open(const struct ml_invocation *invocation, const char *const *choices,
                   struct ml_output *out, struct ml_answer *ret_answer)
{
    const char *path = ml_option_text(invocation, "output", NULL);
    *ret_answer = (struct ml_answer){.out = out};
    ML_TRY(choose_format(invocation, choices, &ret_answer->format));
    ML_TRY(choose_opening(invocation, path, ret_answer));
    if (path && strcmp(path, "-") != 0) {
        ret_answer->path = path;
        return open_file(ret_answer, invocation->color);
    }
    if (out->terminal &&
        (ret_answer->format == ML_ANSWER_PNG || ret_answer->format == ML_ANSWER_PDF)) {
        ml_fail(MLEDGER_EUSAGE, "a %s picture is not for a terminal", words[ret_answer->format]);
        return ml_hint("-o FILE.%s puts it into a file", words[ret_answer->format]);
    }
    return MLEDGER_OK;
}

int ml_answer_finish(struct ml_answer *answer)
{
    if (!answer->stream)
        return MLEDGER_OK;
    ML_TRY(ml_output_finish(&answer->file));
    bool bad = answer->temporary && fsync(fileno(answer->stream)) < 0;
    int error = errno;
    if (fclose(ML_TAKE(answer->stream)) != 0 && !bad) {
        bad = true;
        error = errno;
    }
    if (bad)
        return ml_fail_errno(error, "cannot write '%s'", answer->path);
    if (answer->temporary && rename(answer->temporary, answer->path) < 0)
        return ml_fail_errno(errno, "cannot put '%s' in its place", answer->path);
    free(ML_TAKE(answer->temporary));
    return answer->opens ? ml_opener_show(answer->path) : MLEDGER_OK;
}

void ml_answer_release(struct ml_answer *answer)
{
    if (answer->stream)
        fclose(answer->stream);
    if (answer->temporary)
        unlink(answer->temporary);
    free(answer->temporary);
    *answer = (struct ml_answer){0};
}

/* ---- pictures ---- */

bool ml_answer_is_picture(const struct ml_answer *answer)
{
    return answer->format >= ML_ANSWER_SVG && answer->format <= ML_ANSWER_MERMAID;
}

static const enum ml_picture_format picture_formats[] = {
    [ML_ANSWER_SVG] = ML_PICTURE_SVG,         [ML_ANSWER_PNG] = ML_PICTURE_PNG,
    [ML_ANSWER_PDF] = ML_PICTURE_PDF,         [ML_ANSWER_DOT] = ML_PICTURE_DOT,
    [ML_ANSWER_MERMAID] = ML_PICTURE_MERMAID,
};

int ml_answer_draw(struct ml_answer *answer, const struct ml_drawing *drawing, size_t max_nodes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf picture = {0};
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.max_nodes = max_nodes;
    assert(ml_answer_is_picture(answer));
    ML_TRY(ml_drawing_render(drawing, picture_formats[answer->format], &limits, &picture));
    ml_output_raw(answer->out, picture.data, picture.len);
    return MLEDGER_OK;
}

int ml_answer_draw_svg(struct ml_answer *answer, const struct ml_buf *svg, const char *as_of_time)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf picture = {0};
    const struct ml_draw_limits limits = ML_DRAW_LIMITS;
    assert(ml_answer_is_picture(answer));
    ML_TRY(ml_svg_convert(ml_buf_span(svg), picture_formats[answer->format], as_of_time, &limits,
                          &picture));
    ml_output_raw(answer->out, picture.data, picture.len);
    return MLEDGER_OK;
}
