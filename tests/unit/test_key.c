/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in memory: what each kind signs, and what they are called. */
#include "ledger/store/keyfile.h"

#include "tests/unit/cmocka_all.h"

static struct mledger_key *new_key(enum mledger_key_purpose purpose)
{
    static const uint8_t seed[ML_ED25519_SEED_SIZE] = {1};
    struct mledger_key *key = NULL;
    assert_int_equal(ml_key_from_seed(purpose, "alice, laptop", seed, &key), MLEDGER_OK);
    return key;
}

static void a_generated_key_signs(void **state)
{
    (void)state;
    struct mledger_key *keys[2];
    for (size_t i = 0; i < ML_COUNT(keys); i++)
        assert_int_equal(mledger_key_generate(MLEDGER_KEY_SIGNER, "x", &keys[i]), MLEDGER_OK);
    assert_memory_not_equal(mledger_key_public(keys[0]), mledger_key_public(keys[1]),
                            MLEDGER_KEY_PUBLIC_SIZE);
    assert_int_equal(
        ml_ed25519_key_check(ML_SPAN(mledger_key_public(keys[0]), MLEDGER_KEY_PUBLIC_SIZE)),
        MLEDGER_OK);
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    assert_int_equal(ml_key_sign(keys[0], ML_SPAN("text", 4), signature), MLEDGER_OK);
    assert_int_equal(ml_ed25519_verify(ML_SPAN(signature, sizeof signature), ML_SPAN("text", 4),
                                       mledger_key_public(keys[0])),
                     MLEDGER_OK);
    mledger_key_free(keys[0]);
    mledger_key_free(keys[1]);
    mledger_key_free(NULL);
}

static void purposes_are_kept_apart(void **state)
{
    (void)state;
    static const struct {
        enum mledger_key_purpose purpose;
        int sign;
        int checkpoint;
        int cosign;
        const char *error; /* of the last that is refused */
    } cases[] = {
        {MLEDGER_KEY_SIGNER, MLEDGER_OK, MLEDGER_EREFUSED, MLEDGER_EREFUSED,
         "key 'alice, laptop' is a signer key: it cosigns no checkpoints"},
        {MLEDGER_KEY_RECOVERY, MLEDGER_OK, MLEDGER_EREFUSED, MLEDGER_EREFUSED,
         "key 'alice, laptop' is a recovery key: it cosigns no checkpoints"},
        {MLEDGER_KEY_LOG, MLEDGER_EREFUSED, MLEDGER_OK, MLEDGER_EREFUSED,
         "key 'alice, laptop' is a log key: it cosigns no checkpoints"},
        {MLEDGER_KEY_WITNESS, MLEDGER_EREFUSED, MLEDGER_EREFUSED, MLEDGER_OK,
         "key 'alice, laptop' is a witness key: it signs no checkpoints"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_key_freep) struct mledger_key *key = new_key(cases[i].purpose);
        uint8_t signature[ML_ED25519_SIGNATURE_SIZE] = {7}, cosignature[ML_COSIGNATURE_SIZE];
        struct ml_span text = ML_SPAN("text", 4);
        assert_int_equal(ml_key_sign(key, text, signature), cases[i].sign);
        assert_int_equal(ml_key_sign_checkpoint(key, text, signature), cases[i].checkpoint);
        assert_int_equal(ml_key_cosign(key, text, 1, cosignature), cases[i].cosign);
        assert_string_equal(mledger_error_rule(), "key-purpose");
        assert_string_equal(mledger_error_text(), cases[i].error);
        ml_error_clear();
    }
}

/* A cosignature as others verify it, under the name that is the key's label. */
static void witnesses_cosign(void **state)
{
    (void)state;
    static const char text[] = "mledger/test\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n";
    struct ml_span span = ML_SPAN(text, sizeof text - 1);
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    uint8_t cosignature[ML_COSIGNATURE_SIZE];
    struct ml_note_seal seal;
    struct ml_vkey vkey;
    assert_int_equal(mledger_key_generate(MLEDGER_KEY_WITNESS, "witness.example/w1", &key), 0);
    assert_int_equal(ml_key_vkey(key, &vkey), MLEDGER_OK);
    assert_int_equal(vkey.type, ML_VKEY_COSIGNATURE);
    assert_int_equal(ml_key_cosign(key, span, 0, cosignature), MLEDGER_EUSAGE);
    assert_int_equal(ml_key_cosign(key, span, INT64_C(0x7fabcdef01), cosignature), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&bytes, text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&bytes, '\n'), MLEDGER_OK);
    assert_int_equal(
        ml_note_append_signature(&bytes, &vkey, ML_SPAN(cosignature, sizeof cosignature)),
        MLEDGER_OK);
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, &vkey, 1, &seal), MLEDGER_OK);
    assert_true(seal.time == INT64_C(0x7fabcdef01));
}

static void only_witnesses_have_such_names(void **state)
{
    (void)state;
    ML_CLEANUP(ml_key_freep) struct mledger_key *signer = new_key(MLEDGER_KEY_SIGNER);
    ML_CLEANUP(ml_key_freep) struct mledger_key *spaced = new_key(MLEDGER_KEY_WITNESS);
    struct ml_vkey vkey;
    assert_int_equal(ml_key_vkey(signer, &vkey), MLEDGER_EREFUSED);
    assert_int_equal(ml_key_vkey(spaced, &vkey), MLEDGER_EUSAGE); /* 'alice, laptop' */
}

static void labels_are_checked(void **state)
{
    (void)state;
    char longest[MLEDGER_KEY_LABEL_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[MLEDGER_KEY_LABEL_MAX + 1] = '\0';
    const char *const bad[] = {"", "a\nb", "a\tb", "\x7f", "\xc2\x85", "\xff", "a\x1b[0m", longest};
    struct mledger_key *key = NULL;
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(mledger_key_generate(MLEDGER_KEY_LOG, bad[i], &key), MLEDGER_EUSAGE);
    assert_null(key);
    longest[MLEDGER_KEY_LABEL_MAX] = '\0';
    const char *const good[] = {"a", " ", "gr\xc3\xbc\xc3\x9f", "\xc2\xa0", longest};
    for (size_t i = 0; i < ML_COUNT(good); i++) {
        assert_int_equal(mledger_key_generate(MLEDGER_KEY_LOG, good[i], &key), MLEDGER_OK);
        assert_string_equal(mledger_key_label(key), good[i]);
        mledger_key_free(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generated_key_signs), cmocka_unit_test(purposes_are_kept_apart),
        cmocka_unit_test(witnesses_cosign),      cmocka_unit_test(only_witnesses_have_such_names),
        cmocka_unit_test(labels_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
