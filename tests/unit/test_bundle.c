/* SPDX-License-Identifier: Apache-2.0 */
/* The container of bundles: what was written is read, in any pieces; whatever else is refused. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <zstd.h>

#include "ledger/core/bundle.h"
#include "ledger/core/codec.h"

/* A file in memory, given in pieces of `step` bytes. */
struct file {
    const uint8_t *data;
    size_t len, at, step;
};

static int read_file(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    struct file *file = context;
    size_t len = file->len - file->at;
    len = len < size ? len : size;
    len = len < file->step ? len : file->step;
    if (len > 0)
        memcpy(buffer, file->data + file->at, len);
    file->at += len;
    *ret_len = len;
    return MLEDGER_OK;
}

static int write_buf(void *context, struct ml_span bytes)
{
    return ml_buf_append(context, bytes.data, bytes.len);
}

struct item {
    char kind;
    const char *bytes; /* repeated to `size` bytes */
    size_t size;
};

/* Kinds in an order that may be, the last two sizes beyond one piece. */
static const struct item good[] = {
    {'M', "manifest", 8},     {'C', "note", 4},    {'T', "one", 3},       {'T', "two", 3},
    {'R', "record", 6},       {'H', "hidden", 99}, {'R', "r", 1},         {'A', "", 0},
    {'A', "abcdefg", 300000}, {'J', "{}", 2},      {'S', "<svg>", 140001}};

static struct ml_buf bytes_of(const struct item *item)
{
    struct ml_buf buf = {0};
    size_t len = strlen(item->bytes);
    for (size_t i = 0; i < item->size; i++)
        assert_int_equal(ml_buf_append_char(&buf, item->bytes[i % len]), 0);
    return buf;
}

static int put(struct ml_bundle_writer *writer, const struct item *item)
{
    struct ml_buf bytes = bytes_of(item);
    int result = ml_bundle_put(writer, (enum ml_bundle_kind)item->kind, ml_buf_span(&bytes));
    ml_buf_release(&bytes);
    return result;
}

static struct ml_buf write_good(void)
{
    struct ml_buf file = {0};
    struct ml_bundle_writer *writer;
    assert_int_equal(ml_bundle_writer_new(write_buf, &file, &writer), 0);
    for (size_t i = 0; i < ML_COUNT(good); i++)
        assert_int_equal(put(writer, &good[i]), 0);
    assert_int_equal(ml_bundle_finish(writer), 0);
    ml_bundle_writer_free(writer);
    return file;
}

/* Reads everything; MLEDGER_ENOTFOUND is a good end. `how`: 0 bytes, 1 hash, 2 pass over. */
static int read_all(struct ml_span bytes, size_t step, int how, size_t *ret_items)
{
    struct file file = {.data = bytes.data, .len = bytes.len, .step = step};
    struct ml_bundle_reader *reader = NULL;
    struct ml_bundle_item item;
    int result = ml_bundle_reader_new(read_file, &file, &reader);
    *ret_items = 0;
    while (result == MLEDGER_OK && (result = ml_bundle_next(reader, &item)) == MLEDGER_OK) {
        struct ml_span span;
        uint8_t hash[ML_HASH_SIZE];
        if (how == 0)
            result = ml_bundle_item_bytes(reader, &span);
        if (how == 1)
            result = ml_bundle_item_hash(reader, hash);
        ++*ret_items;
    }
    ml_bundle_reader_free(reader);
    return result;
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 3, 7, 4096, SIZE_MAX};
    struct ml_buf file = write_good();
    for (size_t s = 0; s < ML_COUNT(steps); s++) {
        struct file source = {.data = file.data, .len = file.len, .step = steps[s]};
        struct ml_bundle_reader *reader;
        struct ml_bundle_item item;
        assert_int_equal(ml_bundle_reader_new(read_file, &source, &reader), 0);
        for (size_t i = 0; i < ML_COUNT(good); i++) {
            struct ml_buf bytes = bytes_of(&good[i]);
            struct ml_span due = ml_buf_span(&bytes), found;
            uint8_t due_hash[ML_HASH_SIZE], hash[ML_HASH_SIZE];
            assert_int_equal(ml_bundle_next(reader, &item), 0);
            assert_int_equal(item.kind, good[i].kind);
            assert_int_equal(item.size, good[i].size);
            if (i % 3 == 0) {
                assert_int_equal(ml_bundle_item_bytes(reader, &found), 0);
                assert_true(ml_span_equal(found, due));
            } else if (i % 3 == 1) {
                assert_int_equal(ml_sha256(due_hash, &due, 1), 0);
                assert_int_equal(ml_bundle_item_hash(reader, hash), 0);
                assert_memory_equal(hash, due_hash, ML_HASH_SIZE);
            } /* else it is passed over */
            ml_buf_release(&bytes);
        }
        assert_int_equal(ml_bundle_next(reader, &item), MLEDGER_ENOTFOUND);
        ml_bundle_reader_free(reader);
    }
    ml_buf_release(&file);
}

static void its_first_bytes_tell_what_it_is(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    assert_true(ml_bundle_begins(ml_buf_span(&file)));
    assert_false(ml_bundle_begins(ML_SPAN(file.data, 22)));
    file.data[8] ^= 1;
    assert_false(ml_bundle_begins(ml_buf_span(&file)));
    ml_buf_release(&file);
}

/* zstd's own tool takes it for a file of its own: the skippable frames hold nothing for it. */
static void it_is_a_zstd_file(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    size_t size = 0;
    for (size_t i = 0; i < ML_COUNT(good); i++)
        size += 5 + good[i].size;
    uint8_t *out = malloc(size + 1);
    assert_non_null(out);
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    size_t got = 0, at = 0;
    while (at < file.len) { /* frame by frame */
        ZSTD_inBuffer in = {file.data, file.len, at};
        ZSTD_outBuffer left = {out + got, size + 1 - got, 0};
        size_t result;
        do {
            result = ZSTD_decompressStream(zstd, &left, &in);
            assert_false(ZSTD_isError(result));
        } while (result > 0);
        at = in.pos;
        got += left.pos;
    }
    assert_int_equal(got, size);
    assert_int_equal(out[0], 'M');
    ZSTD_freeDCtx(zstd);
    free(out);
    ml_buf_release(&file);
}

static void every_flipped_bit_is_seen(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    size_t items;
    for (size_t bit = 0; bit < file.len * 8; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (read_all(ml_buf_span(&file), SIZE_MAX, (int)(bit % 3), &items) != MLEDGER_EINVALID)
            fail_msg("flipping bit %zu of %zu went unseen", bit, file.len * 8);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ml_buf_release(&file);
}

static void every_cut_is_seen(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    size_t items;
    for (size_t len = 0; len < file.len; len++)
        assert_int_equal(read_all(ML_SPAN(file.data, len), SIZE_MAX, 0, &items), MLEDGER_EINVALID);
    ml_buf_release(&file);
}

static void nothing_may_follow(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    size_t items;
    assert_int_equal(read_all(ml_buf_span(&file), 5, 0, &items), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_buf_append_char(&file, '\0'), 0);
    assert_int_equal(read_all(ml_buf_span(&file), 5, 0, &items), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "bytes follow its trailer");
    ml_buf_release(&file);
}

#define TEN "TTTTTTTTTT"

struct order {
    const char *kinds; /* the last one is refused; with '.' at the end: ending there is */
    const char *says;
};

static void items_stand_in_one_order(void **state)
{
    (void)state;
    static const struct order orders[] = {{"R", "out of order"},
                                          {"C", "out of order"},
                                          {"MM", "more than 1 item"},
                                          {"MT", "out of order"},
                                          {"MCTCTTRC", "out of order"},
                                          {"MCRT", "out of order"},
                                          {"MRT", "out of order"},
                                          {"MA", "out of order"},
                                          {"MJ", "out of order"},
                                          {"MRM", "out of order"},
                                          {"MRAR", "out of order"},
                                          {"MRAH", "out of order"},
                                          {"MRJA", "out of order"},
                                          {"MRJJ", "more than 1 item"},
                                          {"MRSJ", "out of order"},
                                          {"MRSS", "more than 1 item"},
                                          {"MX", "unknown kind"},
                                          {".", "no records"},
                                          {"M.", "no records"},
                                          {"MCT.", "no records"},
                                          {"MC" TEN TEN TEN TEN TEN TEN "TTTT", "more than 64"}};
    for (size_t i = 0; i < ML_COUNT(orders); i++) {
        struct ml_buf file = {0};
        struct ml_bundle_writer *writer;
        assert_int_equal(ml_bundle_writer_new(write_buf, &file, &writer), 0);
        int result = 0;
        for (const char *kind = orders[i].kinds; *kind; kind++) {
            assert_int_equal(result, 0);
            const struct item item = {*kind, "x", 70};
            result = *kind == '.' ? ml_bundle_finish(writer) : put(writer, &item);
        }
        assert_int_equal(result, MLEDGER_EINVALID);
        if (!strstr(mledger_error_text(), orders[i].says))
            fail_msg("%s: %s", orders[i].kinds, mledger_error_text());
        ml_bundle_writer_free(writer);
        ml_buf_release(&file);
    }
}

static void items_have_limits(void **state)
{
    (void)state;
    static const struct item too_much[] = {{'M', "x", ML_BUNDLE_MANIFEST_MAX + 1},
                                           {'R', "", 0},
                                           {'R', "x", ML_LIMIT_RECORD + 1},
                                           {'H', "x", 64},
                                           {'H', "x", 64 + ML_LIMIT_HEADER + 1}};
    for (size_t i = 0; i < ML_COUNT(too_much); i++) {
        struct ml_buf file = {0};
        struct ml_bundle_writer *writer;
        assert_int_equal(ml_bundle_writer_new(write_buf, &file, &writer), 0);
        if (too_much[i].kind != 'M')
            assert_int_equal(put(writer, &good[0]), 0);
        assert_int_equal(put(writer, &too_much[i]), MLEDGER_EINVALID);
        ml_bundle_writer_free(writer);
        ml_buf_release(&file);
    }
}

/* ---- files that no writer of ours makes ---- */

/* A file around a frame of `content`, with the right trailer. */
static struct ml_buf wrap(struct ml_span frame)
{
    struct ml_buf file = {0};
    uint8_t hash[ML_HASH_SIZE];
    assert_int_equal(ml_buf_append(&file, "\x5e\x2a\x4d\x18\x11\0\0\0mledger-bundle 1\n", 25), 0);
    assert_int_equal(ml_buf_append(&file, frame.data, frame.len), 0);
    struct ml_span all = ml_buf_span(&file);
    assert_int_equal(ml_sha256(hash, &all, 1), 0);
    assert_int_equal(ml_buf_append(&file, "\x5e\x2a\x4d\x18\x20\0\0\0", 8), 0);
    assert_int_equal(ml_buf_append(&file, hash, sizeof hash), 0);
    return file;
}

static struct ml_buf frame_of(struct ml_span content, int window_log, bool flush)
{
    struct ml_buf frame = {0};
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    assert_int_equal(ml_buf_reserve(&frame, ZSTD_compressBound(content.len) + 64), 0);
    if (window_log)
        assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, window_log)));
    ZSTD_inBuffer in = {content.data, content.len, 0};
    ZSTD_outBuffer out = {frame.data, frame.cap, 0};
    if (flush) /* so that the frame does not know its size, and keeps its window */
        assert_int_equal(ZSTD_compressStream2(zstd, &out, &in, ZSTD_e_flush), 0);
    assert_int_equal(ZSTD_compressStream2(zstd, &out, &in, ZSTD_e_end), 0);
    frame.len = out.pos;
    ZSTD_freeCCtx(zstd);
    return frame;
}

static void expect_wrapped(struct ml_span frame, int result, const char *says)
{
    struct ml_buf file = wrap(frame);
    size_t items;
    int found = read_all(ml_buf_span(&file), SIZE_MAX, 0, &items);
    assert_int_equal(found, result);
    if (says && !strstr(mledger_error_text(), says))
        fail_msg("not '%s' but: %s", says, mledger_error_text());
    ml_buf_release(&file);
}

#define SMALL ML_SPAN("M\0\0\0\0R\0\0\0\1r", 11)

static void other_frames_of_the_same_content_are_read(void **state)
{
    (void)state;
    struct ml_buf frame = frame_of(SMALL, 0, false);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_ENOTFOUND, NULL);
    ml_buf_release(&frame);
    frame = frame_of(SMALL, ML_BUNDLE_WINDOW_LOG, true);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_ENOTFOUND, NULL);
    ml_buf_release(&frame);
}

static void a_window_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct ml_buf frame = frame_of(SMALL, ML_BUNDLE_WINDOW_LOG + 1, true);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_EINVALID, "its frame is damaged");
    ml_buf_release(&frame);
}

static void there_is_one_frame_of_items(void **state)
{
    (void)state;
    struct ml_buf frame = frame_of(SMALL, 0, false), twice = {0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(ml_buf_append(&twice, frame.data, frame.len), 0);
    expect_wrapped(ml_buf_span(&twice), MLEDGER_EINVALID, "no trailer");
    ml_buf_release(&twice);
    assert_int_equal(ml_buf_append(&twice, "\x5e\x2a\x4d\x18\0\0\0\0", 8), 0);
    assert_int_equal(ml_buf_append(&twice, frame.data, frame.len), 0);
    expect_wrapped(ml_buf_span(&twice), MLEDGER_EINVALID, "no zstd frame");
    ml_buf_release(&twice);
    ml_buf_release(&frame);
    frame = frame_of(ML_SPAN("M\0\0\0\0R\0\0\0\2r", 11), 0, false);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_EINVALID, "in the middle of an item");
    ml_buf_release(&frame);
    frame = frame_of(ML_SPAN("M\0\0\0\0R\0\0", 8), 0, false);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_EINVALID, "in the middle of an item");
    ml_buf_release(&frame);
    frame = frame_of(ML_SPAN("M\xff\xff\xff\xff", 5), 0, false);
    expect_wrapped(ml_buf_span(&frame), MLEDGER_EINVALID, "of 4294967295 bytes");
    ml_buf_release(&frame);
    expect_wrapped(ML_SPAN("", 0), MLEDGER_EINVALID, "no zstd frame");
    expect_wrapped(ML_SPAN("\x28\xb5\x2f\xfd", 4), MLEDGER_EINVALID, NULL);
}

static void another_version_is_named_as_such(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    size_t items;
    file.data[23] = '2';
    assert_int_equal(read_all(ml_buf_span(&file), SIZE_MAX, 0, &items), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "it is a bundle of a version that is not known here");
    ml_buf_release(&file);
}

/* What the callbacks return is passed on. */
static int break_down(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    struct file *file = context;
    if (file->at >= file->step)
        return ml_fail(MLEDGER_ESYSTEM, "the disk is gone");
    size_t step = file->step;
    file->step -= file->at;
    int result = read_file(file, buffer, size < 16 ? size : 16, ret_len);
    file->step = step;
    return result;
}

static int refuse_bytes(void *context, struct ml_span bytes)
{
    size_t *left = context;
    if (bytes.len > *left)
        return ml_fail(MLEDGER_ESYSTEM, "the disk is full");
    *left -= bytes.len;
    return MLEDGER_OK;
}

static void broken_streams_are_passed_on(void **state)
{
    (void)state;
    struct ml_buf file = write_good();
    for (size_t step = 1; step < file.len; step += 13) {
        struct file source = {.data = file.data, .len = file.len, .step = step};
        struct ml_bundle_reader *reader = NULL;
        struct ml_bundle_item item;
        int result = ml_bundle_reader_new(break_down, &source, &reader);
        while (result == MLEDGER_OK)
            result = ml_bundle_next(reader, &item);
        assert_int_equal(result, MLEDGER_ESYSTEM);
        ml_bundle_reader_free(reader);
    }
    for (size_t room = 0; room < file.len; room += 17) {
        size_t left = room;
        struct ml_bundle_writer *writer = NULL;
        int result = ml_bundle_writer_new(refuse_bytes, &left, &writer);
        for (size_t i = 0; result == MLEDGER_OK && i < ML_COUNT(good); i++)
            result = put(writer, &good[i]);
        if (result == MLEDGER_OK)
            result = ml_bundle_finish(writer);
        assert_int_equal(result, MLEDGER_ESYSTEM);
        ml_bundle_writer_free(writer);
    }
    ml_buf_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(its_first_bytes_tell_what_it_is),
        cmocka_unit_test(it_is_a_zstd_file),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(nothing_may_follow),
        cmocka_unit_test(items_stand_in_one_order),
        cmocka_unit_test(items_have_limits),
        cmocka_unit_test(other_frames_of_the_same_content_are_read),
        cmocka_unit_test(a_window_beyond_the_limit_is_refused),
        cmocka_unit_test(there_is_one_frame_of_items),
        cmocka_unit_test(another_version_is_named_as_such),
        cmocka_unit_test(broken_streams_are_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
