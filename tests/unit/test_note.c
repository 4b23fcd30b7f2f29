/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: those that others wrote and judged, and what is refused. */
#include <jansson.h>
#include <string.h>

#include "ledger/core/base64.h"
#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tlog_vectors.h"

#define DASH "\xe2\x80\x94 "

static const char text[] = "mledger/test\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n";

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static json_t *load_vectors(void)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (!tlog_read("notes.json", &bytes))
        skip();
    json_t *vectors = json_loadb((const char *)bytes.data, bytes.len, 0, NULL);
    assert_non_null(vectors);
    return vectors;
}

static const char *member(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    assert_non_null(value);
    return value;
}

static size_t read_vkeys(const json_t *one, struct ml_vkey *ret_keys, size_t max)
{
    size_t at, count = 0;
    const json_t *value;
    json_array_foreach(json_object_get(one, "vkeys"), at, value)
    {
        assert_true(count < max);
        assert_int_equal(ml_vkey_parse(span(json_string_value(value)), &ret_keys[count++]),
                         MLEDGER_OK);
    }
    return count;
}

/* How many signatures are by none of the keys, the same one twice counted once. */
static size_t unverified(const struct ml_note *note, const struct ml_vkey *keys, size_t n_keys)
{
    size_t count = 0;
    for (size_t i = 0; i < note->count; i++) {
        const struct ml_note_signature *one = &note->signatures[i];
        bool known = false;
        for (size_t k = 0; k < n_keys; k++)
            known |= ml_span_equal(one->name, span(keys[k].name)) &&
                     memcmp(one->id.data, keys[k].id, ML_NOTE_ID_SIZE) == 0;
        for (size_t k = 0; k < i; k++)
            known |= ml_span_equal(one->line, note->signatures[k].line);
        count += !known;
    }
    return count;
}

static bool judge(const json_t *one)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_vkey keys[4];
    struct ml_note_seal seals[4];
    const char *base64 = member(one, "note_b64");
    assert_int_equal(ml_base64_append_decoded(&bytes, base64, strlen(base64)), MLEDGER_OK);
    size_t n_keys = read_vkeys(one, keys, ML_COUNT(keys)), verified = 0;
    int result = ml_note_parse(ml_buf_span(&bytes), &note);
    if (result == MLEDGER_OK)
        result = ml_note_verify(&note, keys, n_keys, seals);
    if (result == MLEDGER_EINVALID)
        return false;
    assert_int_equal(result, MLEDGER_OK);
    for (size_t i = 0; i < n_keys; i++)
        verified += seals[i].valid;
    assert_int_equal(verified, json_integer_value(json_object_get(one, "verified")));
    assert_int_equal(unverified(&note, keys, n_keys),
                     json_integer_value(json_object_get(one, "unverified")));
    return true;
}

static void vectors_agree(void **state)
{
    (void)state;
    json_t *vectors = load_vectors();
    unsigned accepted = 0, refused = 0;
    size_t at;
    const json_t *one;
    json_array_foreach(json_object_get(vectors, "notes"), at, one)
    {
        bool good = judge(one);
        if (good != json_is_true(json_object_get(one, "accept")))
            fail_msg("'%s' is %s (%s)", member(one, "name"), good ? "accepted" : "refused",
                     mledger_error_text());
        accepted += good;
        refused += !good;
    }
    printf("notes: %u accepted, %u refused\n", accepted, refused);
    assert_true(accepted >= 7 && refused >= 11);
    json_decref(vectors);
}

static void ids_of_keys(void **state)
{
    (void)state;
    json_t *vectors = load_vectors();
    size_t at;
    const json_t *one;
    json_array_foreach(json_object_get(vectors, "key_ids"), at, one)
    {
        struct ml_vkey vkey;
        uint8_t key[ML_ED25519_PUBLIC_SIZE];
        char id[ML_HEX_SIZE(ML_NOTE_ID_SIZE)];
        const char *hex = member(one, "pub_hex");
        assert_int_equal(ml_hex_decode(hex, strlen(hex), key, sizeof key), MLEDGER_OK);
        int type = (int)json_integer_value(json_object_get(one, "type"));
        assert_int_equal(
            ml_vkey_make((enum ml_vkey_type)type, span(member(one, "name")), key, &vkey),
            MLEDGER_OK);
        ml_hex_encode(id, vkey.id, sizeof vkey.id);
        assert_string_equal(id, member(one, "key_id"));
    }
    assert_true(at >= 4);
    json_decref(vectors);
}

/* "PRIVATE+KEY+name+id+base64(type || seed)" */
static void read_skey(const char *skey, struct ml_vkey *ret_vkey,
                      uint8_t ret_secret[ML_ED25519_SECRET_SIZE])
{
    uint8_t typed[1 + ML_ED25519_SEED_SIZE], key[ML_ED25519_PUBLIC_SIZE];
    const char *name = skey + strlen("PRIVATE+KEY+");
    const char *base64 = strchr(strchr(name, '+') + 1, '+') + 1;
    assert_int_equal(ml_base64_decode(base64, strlen(base64), typed, sizeof typed), MLEDGER_OK);
    assert_int_equal(ml_ed25519_keypair(typed + 1, key, ret_secret), MLEDGER_OK);
    assert_int_equal(
        ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(name, strcspn(name, "+")), key, ret_vkey),
        MLEDGER_OK);
}

static void signs_as_others_do(void **state)
{
    (void)state;
    json_t *vectors = load_vectors();
    const json_t *one = json_array_get(json_object_get(vectors, "signers"), 0);
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    uint8_t secret[ML_ED25519_SECRET_SIZE], signature[ML_ED25519_SIGNATURE_SIZE];
    struct ml_vkey vkey;
    read_skey(member(one, "skey"), &vkey, secret);
    assert_int_equal(ml_ed25519_sign(secret, span(member(one, "text")), signature), MLEDGER_OK);
    assert_int_equal(ml_note_append_signature(&line, &vkey, ML_SPAN(signature, sizeof signature)),
                     MLEDGER_OK);
    const char *want = member(one, "sigline");
    assert_int_equal(line.len, strlen(want) + 1);
    assert_memory_equal(line.data, want, line.len - 1);
    json_decref(vectors);
}

/* The id that stands in a secret key is the one that we make of its public half. */
static void secret_keys_of_others_have_their_ids(void **state)
{
    (void)state;
    json_t *vectors = load_vectors();
    size_t at;
    const json_t *one;
    json_array_foreach(json_object_get(vectors, "signers"), at, one)
    {
        const char *skey = member(one, "skey");
        const char *id = strchr(skey + strlen("PRIVATE+KEY+"), '+') + 1;
        uint8_t secret[ML_ED25519_SECRET_SIZE];
        char hex[ML_HEX_SIZE(ML_NOTE_ID_SIZE)];
        struct ml_vkey vkey;
        read_skey(skey, &vkey, secret);
        ml_hex_encode(hex, vkey.id, sizeof vkey.id);
        assert_memory_equal(hex, id, strlen(hex));
    }
    assert_int_equal(at, 2);
    json_decref(vectors);
}

/* A key of our own, to make notes with. */
struct signer {
    struct ml_vkey vkey;
    uint8_t secret[ML_ED25519_SECRET_SIZE];
};

static struct signer make_signer(enum ml_vkey_type type, uint8_t seed_byte)
{
    struct signer signer;
    uint8_t seed[ML_ED25519_SEED_SIZE], key[ML_ED25519_PUBLIC_SIZE];
    memset(seed, seed_byte, sizeof seed);
    assert_int_equal(ml_ed25519_keypair(seed, key, signer.secret), MLEDGER_OK);
    assert_int_equal(ml_vkey_make(type, span("mledger/test"), key, &signer.vkey), MLEDGER_OK);
    return signer;
}

static void sign_at(const struct signer *signer, uint64_t time, struct ml_buf *note)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    uint8_t value[ML_COSIGNATURE_SIZE];
    for (unsigned i = 0; i < 8; i++)
        value[i] = (uint8_t)(time >> (56 - 8 * i));
    assert_int_equal(ml_cosignature_message(span(text), (int64_t)(time & INT64_MAX), &message),
                     MLEDGER_OK);
    assert_int_equal(ml_ed25519_sign(signer->secret, ml_buf_span(&message), value + 8), MLEDGER_OK);
    assert_int_equal(ml_note_append_signature(note, &signer->vkey, ML_SPAN(value, sizeof value)),
                     MLEDGER_OK);
}

static void cosignatures_have_times(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct signer witness = make_signer(ML_VKEY_COSIGNATURE, 1);
    struct ml_note_seal seal;
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    sign_at(&witness, 1700000000, &bytes);
    sign_at(&witness, 1700000009, &bytes);
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, &witness.vkey, 1, &seal), MLEDGER_OK);
    assert_true(seal.valid);
    assert_int_equal(seal.time, 1700000009);
}

static void a_time_past_its_limit_is_refused(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct signer witness = make_signer(ML_VKEY_COSIGNATURE, 1);
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    sign_at(&witness, UINT64_C(1) << 63, &bytes);
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, &witness.vkey, 1, NULL), MLEDGER_EINVALID);
}

/* The types have names of their own for what they sign: neither passes for the other. */
static void types_are_not_confused(void **state)
{
    (void)state;
    struct signer log = make_signer(ML_VKEY_ED25519, 1);
    struct signer witness = make_signer(ML_VKEY_COSIGNATURE, 1);
    assert_memory_equal(log.vkey.key, witness.vkey.key, sizeof log.vkey.key);
    assert_memory_not_equal(log.vkey.id, witness.vkey.id, ML_NOTE_ID_SIZE);
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    sign_at(&witness, 1, &bytes);
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_OK);
    assert_false(ml_note_names(&note, &log.vkey));
    assert_int_equal(ml_note_verify(&note, &log.vkey, 1, NULL), MLEDGER_EINVALID);
    assert_int_equal(ml_note_verify(&note, &witness.vkey, 1, NULL), MLEDGER_OK);
}

/* A second signature of a key that is trusted must hold too. */
static void every_signature_of_a_known_key_counts(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct signer log = make_signer(ML_VKEY_ED25519, 7);
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    assert_int_equal(ml_ed25519_sign(log.secret, span(text), signature), MLEDGER_OK);
    for (int i = 0; i < 2; i++) {
        signature[3] ^= (uint8_t)i;
        assert_int_equal(
            ml_note_append_signature(&bytes, &log.vkey, ML_SPAN(signature, sizeof signature)),
            MLEDGER_OK);
    }
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, &log.vkey, 1, NULL), MLEDGER_EINVALID);
}

static void malformed_notes(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "text\n\n" DASH "name\n",
        "text\n\n" DASH "name \n",
        "text\n\n" DASH "name AAAA\n",     /* shorter than an id */
        "text\n\n" DASH "name AAAAAA==\n", /* an id and nothing more */
        "text\n\n" DASH "name AAAAAAA\n",  /* no padding */
        "text\n\n" DASH "name AAAAAAB=\n", /* bits left over */
        "text\n\n" DASH "name AAAAAAA= \n",
        "text\n\n" DASH "na+me AAAAAAA=\n",
        "text\n\n" DASH "na\xc2\xa0me AAAAAAA=\n",     /* no-break space */
        "text\n\n" DASH "na\xe2\x80\x83me AAAAAAA=\n", /* em space */
        "text\n\n" DASH " AAAAAAA=\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n" DASH "name AAAAAAA=\r\n",
        "text\r\n\n" DASH "name AAAAAAA=\n",
        "text\n\n" DASH "name AAAAAAA=\n\n",
        "text\n\n\n" DASH "name AAAAAAA=",
    };
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        ML_CLEANUP(ml_note_release) struct ml_note note;
        if (ml_note_parse(span(bad[i]), &note) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i]);
    }
    ML_CLEANUP(ml_note_release) struct ml_note note;
    assert_int_equal(ml_note_parse(span("text\n\n\n" DASH "name AAAAAAA=\n"), &note), MLEDGER_OK);
    assert_int_equal(note.text.len, strlen("text\n\n"));
    assert_int_equal(note.count, 1);
}

static void a_note_has_a_limit(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    while (bytes.len <= ML_NOTE_MAX)
        assert_int_equal(ml_buf_append_text(&bytes, "another line of text\n"), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&bytes, "\n" DASH "name AAAAAAA=\n"), MLEDGER_OK);
    ML_CLEANUP(ml_note_release) struct ml_note note;
    assert_int_equal(ml_note_parse(ml_buf_span(&bytes), &note), MLEDGER_EINVALID);
}

static void malformed_vkeys(void **state)
{
    (void)state;
    static const char good[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    static const char *const bad[] = {
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "PeterNeumann+c74f20a3+AxpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA",
    };
    struct ml_vkey vkey;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    assert_int_equal(ml_vkey_parse(span(good), &vkey), MLEDGER_OK);
    assert_int_equal(ml_vkey_write(&vkey, &written), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&written), span(good)));
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        if (ml_vkey_parse(span(bad[i]), &vkey) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i]);
}

/* Its id is right, and its key is of small order. */
static void keys_of_small_order_are_refused(void **state)
{
    (void)state;
    struct ml_vkey vkey;
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    const uint8_t identity[ML_ED25519_PUBLIC_SIZE] = {1};
    assert_int_equal(ml_vkey_make(ML_VKEY_ED25519, span("log"), identity, &vkey), MLEDGER_OK);
    assert_int_equal(ml_vkey_write(&vkey, &written), MLEDGER_OK);
    assert_int_equal(ml_vkey_parse(ml_buf_span(&written), &vkey), MLEDGER_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree),
        cmocka_unit_test(ids_of_keys),
        cmocka_unit_test(signs_as_others_do),
        cmocka_unit_test(secret_keys_of_others_have_their_ids),
        cmocka_unit_test(cosignatures_have_times),
        cmocka_unit_test(a_time_past_its_limit_is_refused),
        cmocka_unit_test(types_are_not_confused),
        cmocka_unit_test(every_signature_of_a_known_key_counts),
        cmocka_unit_test(malformed_notes),
        cmocka_unit_test(a_note_has_a_limit),
        cmocka_unit_test(malformed_vkeys),
        cmocka_unit_test(keys_of_small_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
