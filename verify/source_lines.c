/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/source_lines.h"

#include <inttypes.h>

#include "ledger/core/json.h"

void ml_source_lines_init(struct ml_source_lines *lines, const struct ml_source_file *file)
{
    *lines = (struct ml_source_lines){.file = file};
}

void ml_source_lines_release(struct ml_source_lines *lines)
{
    if (lines)
        ml_buf_release(&lines->rest);
}

/* Keeps no more of a line than it takes to see that it is too long. */
static int keep(struct ml_source_lines *lines, const uint8_t *bytes, size_t len)
{
    size_t room = (size_t)ML_LIMIT_JSON_LINE + 1 - lines->rest.len;
    return ml_buf_append(&lines->rest, bytes, len < room ? len : room);
}

static int fill(struct ml_source_lines *lines)
{
    lines->at = 0;
    ML_TRY(lines->file->read(lines->file->context, lines->chunk, sizeof lines->chunk, &lines->len));
    lines->at_end = lines->len == 0;
    return MLEDGER_OK;
}

/* Puts the next line, without its end, in `rest`. MLEDGER_ENOTFOUND: there is none. */
static int read_line(struct ml_source_lines *lines)
{
    bool begun = false;
    ml_buf_clear(&lines->rest);
    while (!lines->at_end) {
        const uint8_t *from = lines->chunk + lines->at;
        size_t len = lines->len - lines->at;
        const uint8_t *end = len > 0 ? memchr(from, '\n', len) : NULL;
        begun |= len > 0;
        ML_TRY(keep(lines, from, end ? (size_t)(end - from) : len));
        if (end) {
            lines->at += (size_t)(end - from) + 1;
            return MLEDGER_OK;
        }
        ML_TRY(fill(lines));
    }
    return begun ? MLEDGER_OK : MLEDGER_ENOTFOUND;
}

static int next_line(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input)
{
    struct ml_source_lines *lines = context;
    ML_TRY(read_line(lines));
    uint8_t *bytes = ml_arena_alloc(arena, lines->rest.len + 1);
    if (!bytes)
        return ml_fail_memory();
    if (lines->rest.len > 0)
        memcpy(bytes, lines->rest.data, lines->rest.len);
    *ret_input = (struct ml_verify_input){
        .seq = MLEDGER_NO_SEQ, .place = ++lines->line, .bytes = ML_SPAN(bytes, lines->rest.len)};
    return MLEDGER_OK;
}

static int no_record(const struct ml_verify_input *input)
{
    ml_prefix("line %" PRIu64, input->place);
    return ml_blame("export-line");
}

static int decode_line(void *context, struct ml_arena *arena, struct ml_verify_input *input)
{
    (void)context;
    ML_CLEANUP(ml_buf_release) struct ml_buf record = {0};
    if (ml_record_from_export_line((const char *)input->bytes.data, input->bytes.len, &record,
                                   &input->seq) < 0)
        return no_record(input);
    uint8_t *bytes = ml_arena_alloc(arena, record.len + 1);
    if (!bytes)
        return ml_fail_memory();
    memcpy(bytes, record.data, record.len);
    input->bytes = ML_SPAN(bytes, record.len);
    return MLEDGER_OK;
}

/* Back to the first line: where a record stands is known only once its line is read. */
static int rewind_lines(void *context, uint64_t seq)
{
    (void)seq;
    struct ml_source_lines *lines = context;
    ML_TRY(lines->file->rewind(lines->file->context));
    lines->line = 0;
    lines->at = lines->len = 0;
    lines->at_end = false;
    return MLEDGER_OK;
}

struct ml_verify_source ml_source_lines_open(struct ml_source_lines *lines)
{
    return (struct ml_verify_source){.context = lines,
                                     .next = next_line,
                                     .decode = decode_line,
                                     .seek = lines->file->rewind ? rewind_lines : NULL};
}
