/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature policy against three public collections of edge cases. What each case should
 * come to is said here by its flags or by hand, never by what the code answers.
 */
#include "ledger/core/ed25519.h"

#include <jansson.h>

#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/shared.h"

/* RFC 8032 section 7.1. */
static const struct {
    const char *seed;
    const char *public;
    const char *message;
    const char *signature;
} rfc_vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

/* The bytes of hexadecimal text; the caller releases them. */
static struct ml_buf unhex(const char *text)
{
    struct ml_buf buf = {0};
    size_t len = strlen(text) / 2;
    assert_int_equal(ml_buf_reserve(&buf, len + 1), MLEDGER_OK);
    assert_int_equal(ml_hex_decode(text, 2 * len, buf.data, len), MLEDGER_OK);
    buf.len = len;
    return buf;
}

/* Answers of the two functions for one case. */
struct verdict {
    bool key;       /* ml_ed25519_key_check() accepts */
    bool signature; /* ml_ed25519_verify() accepts */
};

static struct verdict judge(struct ml_span key, struct ml_span message, struct ml_span signature)
{
    struct verdict verdict = {.key = ml_ed25519_key_check(key) == MLEDGER_OK};
    if (key.len == ML_ED25519_PUBLIC_SIZE)
        verdict.signature = ml_ed25519_verify(signature, message, key.data) == MLEDGER_OK;
    return verdict;
}

static struct verdict judge_hex(const char *key, struct ml_span message, const char *signature)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf key_bytes = unhex(key);
    ML_CLEANUP(ml_buf_release) struct ml_buf signature_bytes = unhex(signature);
    return judge(ml_buf_span(&key_bytes), message, ml_buf_span(&signature_bytes));
}

static void agrees_with_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(rfc_vectors); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf seed = unhex(rfc_vectors[i].seed);
        ML_CLEANUP(ml_buf_release) struct ml_buf message = unhex(rfc_vectors[i].message);
        ML_CLEANUP(ml_buf_release) struct ml_buf expected = unhex(rfc_vectors[i].signature);
        uint8_t public[ML_ED25519_PUBLIC_SIZE];
        uint8_t secret[ML_ED25519_SECRET_SIZE];
        uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
        assert_int_equal(ml_ed25519_keypair(seed.data, public, secret), MLEDGER_OK);
        char text[ML_HEX_SIZE(sizeof public)];
        ml_hex_encode(text, public, sizeof public);
        assert_string_equal(text, rfc_vectors[i].public);
        assert_int_equal(ml_ed25519_sign(secret, ml_buf_span(&message), signature), MLEDGER_OK);
        assert_memory_equal(signature, expected.data, sizeof signature);
        struct verdict verdict =
            judge(ML_SPAN(public, sizeof public), ml_buf_span(&message), ml_buf_span(&expected));
        assert_true(verdict.key && verdict.signature);
    }
}

/* Every bit of key, message and signature matters. */
static void any_flipped_bit_is_refused(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf key = unhex(rfc_vectors[2].public);
    ML_CLEANUP(ml_buf_release) struct ml_buf message = unhex(rfc_vectors[2].message);
    ML_CLEANUP(ml_buf_release) struct ml_buf signature = unhex(rfc_vectors[2].signature);
    struct ml_buf *parts[] = {&key, &message, &signature};
    for (size_t part = 0; part < ML_COUNT(parts); part++) {
        for (size_t bit = 0; bit < parts[part]->len * 8; bit++) {
            parts[part]->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(
                ml_ed25519_verify(ml_buf_span(&signature), ml_buf_span(&message), key.data),
                MLEDGER_EINVALID);
            parts[part]->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void errors_say_which(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf key = unhex(rfc_vectors[0].public);
    ML_CLEANUP(ml_buf_release) struct ml_buf signature = unhex(rfc_vectors[0].signature);
    struct ml_span message = ML_SPAN(NULL, 0);
    assert_int_equal(ml_ed25519_key_check(ML_SPAN(key.data, 31)), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a public key of 31 bytes where 32 belong");
    assert_int_equal(ml_ed25519_key_check(ML_SPAN(signature.data, 33)), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a public key of 33 bytes where 32 belong");
    assert_int_equal(ml_ed25519_key_check(ML_SPAN((uint8_t[32]){1}, 32)), MLEDGER_EINVALID);
    assert_string_equal(
        mledger_error_text(),
        "public key 0100000000000000000000000000000000000000000000000000000000000000"
        " is no canonical point of Ed25519's prime-order group");
    assert_int_equal(ml_ed25519_verify(ML_SPAN(signature.data, 63), message, key.data),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "a signature of 63 bytes where 64 belong");
    assert_int_equal(ml_ed25519_verify(ml_buf_span(&signature), ML_SPAN("x", 1), key.data),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "the signature does not match the message and the key");
    memset(signature.data + 32, 0xff, 32);
    assert_int_equal(ml_ed25519_verify(ml_buf_span(&signature), message, key.data),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "the signature is not canonical: S is not below L");
}

/* The vectors, or a skipped test. */
static json_t *load(const char *below)
{
    char path[SHARED_PATH_SIZE];
    if (!shared_path(path, below))
        skip();
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return root;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (!text)
        fail_msg("a case has no text '%s'", name);
    return text;
}

/* How many cases came out how, for one combination of flags. */
struct row {
    char flags[160];
    struct verdict expected;
    unsigned count;
    unsigned wrong;
};

struct table {
    struct row rows[128];
    size_t count;
};

static void note(struct table *table, const char *flags, struct verdict expected,
                 struct verdict got)
{
    size_t i = 0;
    while (i < table->count && strcmp(table->rows[i].flags, flags) != 0)
        i++;
    assert_true(i < ML_COUNT(table->rows));
    struct row *row = &table->rows[i];
    if (i == table->count) {
        snprintf(row->flags, sizeof row->flags, "%s", flags);
        row->expected = expected;
        table->count++;
    }
    row->count++;
    row->wrong += got.key != expected.key || got.signature != expected.signature;
}

static void print_and_judge(const char *title, const struct table *table)
{
    unsigned wrong = 0;
    printf("%s\n  cases  wrong  key     signature  both\n", title);
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        const struct verdict *expected = &row->expected;
        printf("  %5u  %5u  %-6s  %-9s  %-6s  %s\n", row->count, row->wrong,
               expected->key ? "accept" : "refuse", expected->signature ? "accept" : "refuse",
               expected->key && expected->signature ? "accept" : "refuse", row->flags);
        wrong += row->wrong;
    }
    assert_int_equal(wrong, 0);
}

enum flag {
    LOW_ORDER_A = 1 << 0,
    LOW_ORDER_R = 1 << 1,
    LOW_ORDER_COMPONENT_A = 1 << 2,
    LOW_ORDER_COMPONENT_R = 1 << 3,
    LOW_ORDER_RESIDUE = 1 << 4,
    NON_CANONICAL_A = 1 << 5,
    NON_CANONICAL_R = 1 << 6,
    REENCODED_K = 1 << 7,
};
static const struct {
    const char *name;
    const char *brief;
} flag_names[] = {
    {"low_order_A", "smallA"},           {"low_order_R", "smallR"},
    {"low_order_component_A", "mixedA"}, {"low_order_component_R", "mixedR"},
    {"low_order_residue", "residue"},    {"non_canonical_A", "noncanonA"},
    {"non_canonical_R", "noncanonR"},    {"reencoded_k", "reencodedk"},
};

static unsigned flags_of(const json_t *names, char *ret_text, size_t size)
{
    unsigned flags = 0;
    size_t len = 0;
    size_t at;
    const json_t *name;
    ret_text[0] = '\0';
    json_array_foreach(names, at, name)
    {
        size_t i = 0;
        while (i < ML_COUNT(flag_names) && strcmp(flag_names[i].name, json_string_value(name)) != 0)
            i++;
        assert_true(i < ML_COUNT(flag_names));
        flags |= 1U << i;
        len += (size_t)snprintf(ret_text + len, size - len, "%s%s", len ? " " : "",
                                flag_names[i].brief);
    }
    return flags;
}

/*
 * The policy in terms of CCTV's flags, whose cases all satisfy the equation with the cofactor.
 * The key: anything about A refuses it. The signature: small order of either point, a
 * non-canonical encoding, and a residue (the equation holds with the cofactor only) refuse it;
 * what verify alone lets pass is a mixed key with a mixed R that happen to cancel out, and that is
 * what the key check is for.
 */
static struct verdict cctv_verdict(unsigned flags)
{
    return (struct verdict){
        .key = !(flags & (LOW_ORDER_A | LOW_ORDER_COMPONENT_A | NON_CANONICAL_A)),
        .signature = !(flags & (LOW_ORDER_A | LOW_ORDER_R | LOW_ORDER_RESIDUE | NON_CANONICAL_A |
                                NON_CANONICAL_R | REENCODED_K)),
    };
}

static void decides_every_case_of_cctv(void **state)
{
    (void)state;
    json_t *root = load("data/vectors/ed25519/cctv.json");
    static struct table table;
    unsigned accepted = 0;
    size_t at;
    const json_t *one;
    json_array_foreach(root, at, one)
    {
        char text[160];
        unsigned flags = flags_of(json_object_get(one, "flags"), text, sizeof text);
        const char *message = text_of(one, "msg");
        struct verdict got =
            judge_hex(text_of(one, "key"), ML_SPAN(message, strlen(message)), text_of(one, "sig"));
        note(&table, text[0] ? text : "(none)", cctv_verdict(flags), got);
        accepted += got.key && got.signature;
        if (flags != 0 && got.key && got.signature)
            fail_msg("case %zu (%s) is accepted", at, text);
    }
    assert_int_equal(json_array_size(root), 914);
    assert_int_equal(accepted, 1);
    json_decref(root);
    print_and_judge("CCTV", &table);
}

/*
 * "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko), table 5: what each case is. None is
 * acceptable; only case 3 satisfies the equation without the cofactor and is well encoded, so
 * that verify alone passes it, and its key is of mixed order.
 */
static const struct {
    const char *what;
    struct verdict expected;
} speccheck[] = {
    {"0 small A, small R, S = 0", {false, false}},
    {"1 small A, mixed R", {false, false}},
    {"2 mixed A, small R", {false, false}},
    {"3 mixed A, mixed R, both equations hold", {false, true}},
    {"4 mixed A, mixed R, with the cofactor only", {false, false}},
    {"5 mixed A, prime R, with the cofactor only", {false, false}},
    {"6 S > L", {true, false}},
    {"7 S far above L", {true, false}},
    {"8 small R, not canonical, reduced for k", {false, false}},
    {"9 small R, not canonical, not reduced for k", {false, false}},
    {"10 small A, not canonical, reduced for k", {false, false}},
    {"11 small A, not canonical, not reduced for k", {false, false}},
};

static void decides_every_case_of_speccheck(void **state)
{
    (void)state;
    json_t *root = load("data/vectors/ed25519/speccheck.json");
    static struct table table;
    size_t at;
    const json_t *one;
    assert_int_equal(json_array_size(root), ML_COUNT(speccheck));
    json_array_foreach(root, at, one)
    {
        ML_CLEANUP(ml_buf_release) struct ml_buf message = unhex(text_of(one, "message"));
        struct verdict got =
            judge_hex(text_of(one, "pub_key"), ml_buf_span(&message), text_of(one, "signature"));
        note(&table, speccheck[at].what, speccheck[at].expected, got);
    }
    json_decref(root);
    print_and_judge("speccheck", &table);
}

/* Wycheproof says of each case whether it is valid; its keys are all good ones. */
static void judge_group(struct table *table, const json_t *group)
{
    const char *key = text_of(json_object_get(group, "publicKey"), "pk");
    size_t at;
    const json_t *one;
    json_array_foreach(json_object_get(group, "tests"), at, one)
    {
        ML_CLEANUP(ml_buf_release) struct ml_buf message = unhex(text_of(one, "msg"));
        struct verdict got = judge_hex(key, ml_buf_span(&message), text_of(one, "sig"));
        const json_t *flag = json_array_get(json_object_get(one, "flags"), 0);
        struct verdict expected = {true, strcmp(text_of(one, "result"), "valid") == 0};
        note(table, json_string_value(flag), expected, got);
        if (got.signature != expected.signature)
            fprintf(stderr, "Wycheproof %lld: %s\n",
                    (long long)json_integer_value(json_object_get(one, "tcId")),
                    text_of(one, "comment"));
    }
}

static void decides_every_case_of_wycheproof(void **state)
{
    (void)state;
    json_t *root = load("data/vectors/ed25519/wycheproof.json");
    static struct table table;
    size_t at;
    const json_t *group;
    json_array_foreach(json_object_get(root, "testGroups"), at, group) judge_group(&table, group);
    unsigned count = 0;
    for (size_t i = 0; i < table.count; i++)
        count += table.rows[i].count;
    assert_int_equal(count, json_integer_value(json_object_get(root, "numberOfTests")));
    json_decref(root);
    print_and_judge("Wycheproof", &table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_rfc),
        cmocka_unit_test(any_flipped_bit_is_refused),
        cmocka_unit_test(errors_say_which),
        cmocka_unit_test(decides_every_case_of_cctv),
        cmocka_unit_test(decides_every_case_of_speccheck),
        cmocka_unit_test(decides_every_case_of_wycheproof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
