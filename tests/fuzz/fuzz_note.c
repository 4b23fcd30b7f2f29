/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes and checkpoints. What is read is written again from its parts, and must come out the
 * same: so nothing in a note goes unread. No mutation finds a signature, so the text of what
 * parses is also signed by a key of the fuzzer's own, which must verify.
 */
#include "ledger/core/checkpoint.h"
#include "tests/fuzz/target.h"

static void write_again(const struct ml_note *note, struct ml_span bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf again = {0};
    FUZZ_CHECK(ml_buf_append(&again, note->text.data, note->text.len) == MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append_char(&again, '\n') == MLEDGER_OK);
    for (size_t i = 0; i < note->count; i++) {
        struct ml_span line = note->signatures[i].line;
        FUZZ_CHECK(ml_note_name_is_good(note->signatures[i].name));
        FUZZ_CHECK(note->signatures[i].bytes.len > 0);
        FUZZ_CHECK(ml_buf_append(&again, line.data, line.len) == MLEDGER_OK);
    }
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&again), bytes));
}

static void read_text(const struct ml_note *note)
{
    struct ml_checkpoint checkpoint;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (ml_checkpoint_parse(note->text, &checkpoint) < 0)
        return;
    FUZZ_CHECK(ml_checkpoint_write(checkpoint.origin, checkpoint.size, checkpoint.root, &text) ==
               MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append(&text, checkpoint.extensions.data, checkpoint.extensions.len) ==
               MLEDGER_OK);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&text), note->text));
}

static void sign_it(const struct ml_note *note)
{
    static const uint8_t seed[ML_ED25519_SEED_SIZE] = {1};
    uint8_t key[ML_ED25519_PUBLIC_SIZE], secret[ML_ED25519_SECRET_SIZE];
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    struct ml_vkey vkey;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note again;
    FUZZ_CHECK(ml_ed25519_keypair(seed, key, secret) == MLEDGER_OK);
    FUZZ_CHECK(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN("fuzzer", 6), key, &vkey) == MLEDGER_OK);
    FUZZ_CHECK(ml_note_verify(note, &vkey, 1, NULL) == MLEDGER_EINVALID);
    FUZZ_CHECK(ml_ed25519_sign(secret, note->text, signature) == MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append(&bytes, note->text.data, note->text.len) == MLEDGER_OK);
    FUZZ_CHECK(ml_buf_append_char(&bytes, '\n') == MLEDGER_OK);
    FUZZ_CHECK(ml_note_append_signature(&bytes, &vkey, ML_SPAN(signature, sizeof signature)) ==
               MLEDGER_OK);
    FUZZ_CHECK(ml_note_parse(ml_buf_span(&bytes), &again) == MLEDGER_OK);
    FUZZ_CHECK(ml_note_verify(&again, &vkey, 1, NULL) == MLEDGER_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_vkey vkey;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    struct ml_span bytes = {data, size};
    if (ml_vkey_parse(bytes, &vkey) == MLEDGER_OK) {
        FUZZ_CHECK(ml_vkey_write(&vkey, &written) == MLEDGER_OK);
        FUZZ_CHECK(ml_span_equal(ml_buf_span(&written), bytes));
    }
    int result = ml_note_parse(bytes, &note);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        return 0;
    write_again(&note, bytes);
    read_text(&note);
    sign_it(&note);
    return 0;
}
