/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of witnesses: which checkpoints they believe, and what is no policy. */
#include <stdio.h>
#include <string.h>

#include "ledger/core/witness_policy.h"
#include "tests/unit/cmocka_all.h"

enum { WITNESSES = 4 };

static const char text[] = "mledger/test\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n";

/* A log and some witnesses with keys of our own; seed 0 is the log's. */
struct party {
    struct ml_vkey vkey;
    uint8_t secret[ML_ED25519_SECRET_SIZE];
    char written[160];
};

static struct party log_party, other_log, witness_parties[WITNESSES];

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static void make_party(struct party *party, enum ml_vkey_type type, const char *name, uint8_t seed)
{
    uint8_t bytes[ML_ED25519_SEED_SIZE], key[ML_ED25519_PUBLIC_SIZE];
    ML_CLEANUP(ml_buf_release) struct ml_buf written = {0};
    memset(bytes, seed, sizeof bytes);
    assert_int_equal(ml_ed25519_keypair(bytes, key, party->secret), MLEDGER_OK);
    assert_int_equal(ml_vkey_make(type, span(name), key, &party->vkey), MLEDGER_OK);
    assert_int_equal(ml_vkey_write(&party->vkey, &written), MLEDGER_OK);
    assert_true(written.len < sizeof party->written);
    memcpy(party->written, written.data, written.len);
}

static int make_parties(void **state)
{
    (void)state;
    make_party(&log_party, ML_VKEY_ED25519, "mledger/test", 10);
    make_party(&other_log, ML_VKEY_ED25519, "mledger/other", 11);
    for (unsigned i = 0; i < WITNESSES; i++) {
        char name[32];
        snprintf(name, sizeof name, "witness/%u", i);
        make_party(&witness_parties[i], ML_VKEY_COSIGNATURE, name, (uint8_t)(20 + i));
    }
    return 0;
}

static void sign(const struct party *party, struct ml_buf *note)
{
    uint8_t signature[ML_ED25519_SIGNATURE_SIZE];
    assert_int_equal(ml_ed25519_sign(party->secret, span(text), signature), MLEDGER_OK);
    assert_int_equal(
        ml_note_append_signature(note, &party->vkey, ML_SPAN(signature, sizeof signature)),
        MLEDGER_OK);
}

static void cosign(const struct party *party, uint8_t time, bool well, struct ml_buf *note)
{
    uint8_t value[ML_COSIGNATURE_SIZE] = {[7] = time};
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    assert_int_equal(ml_cosignature_message(span(text), time, &message), MLEDGER_OK);
    assert_int_equal(ml_ed25519_sign(party->secret, ml_buf_span(&message), value + 8), MLEDGER_OK);
    value[70] ^= !well;
    assert_int_equal(ml_note_append_signature(note, &party->vkey, ML_SPAN(value, sizeof value)),
                     MLEDGER_OK);
}

/* A policy in which L, M are the logs and 0 to 3 the witnesses, as "log $L\nwitness a $0\n". */
static int parse(const char *template, struct ml_witness_policy **ret_policy)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf file = {0};
    for (const char *at = template; *at; at++) {
        if (*at != '$') {
            assert_int_equal(ml_buf_append_char(&file, *at), MLEDGER_OK);
            continue;
        }
        const struct party *party = *++at == 'L' ? &log_party
                                    : *at == 'M' ? &other_log
                                                 : &witness_parties[*at - '0'];
        assert_int_equal(ml_buf_append_text(&file, party->written), MLEDGER_OK);
    }
    return ml_witness_policy_parse(ml_buf_span(&file), "policy", ret_policy);
}

/* What the policy says of a checkpoint that these witnesses ("013") cosigned. */
static int judge(const char *template, const char *witnesses, struct ml_witnessed *ret_witnessed)
{
    ML_CLEANUP(ml_witness_policy_freep) struct ml_witness_policy *policy = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    assert_int_equal(parse(template, &policy), MLEDGER_OK);
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    sign(&log_party, &bytes);
    for (; *witnesses; witnesses++)
        cosign(&witness_parties[*witnesses - '0'], (uint8_t)(100 + *witnesses - '0'), true, &bytes);
    assert_int_equal(ml_checkpoint_open(ml_buf_span(&bytes), &note, &checkpoint), MLEDGER_OK);
    return ml_witness_policy_check(policy, &note, &checkpoint, ret_witnessed);
}

static void believes(const char *template, const char *witnesses)
{
    struct ml_witnessed witnessed;
    assert_int_equal(judge(template, witnesses, &witnessed), MLEDGER_OK);
}

static void refuses(const char *template, const char *witnesses)
{
    struct ml_witnessed witnessed;
    assert_int_equal(judge(template, witnesses, &witnessed), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "witness-policy");
}

static void quorums(void **state)
{
    (void)state;
    static const char one[] = "log $L\nwitness a $0\nquorum a\n";
    static const char two_of_three[] = "# who watches\n\n log\t$L https://log.example/ \n"
                                       "witness a $0 https://a.example/\nwitness b $1\n"
                                       "witness c $2\ngroup abc 2 a b c\nquorum abc\n";
    static const char nested[] = "log $L\nwitness a $0\nwitness b $1\nwitness c $2\nwitness d $3\n"
                                 "group ab any a b\ngroup cd all c d\ngroup both all ab cd\n"
                                 "quorum both\n";
    believes(one, "0");
    believes(one, "01");
    refuses(one, "");
    refuses(one, "12");
    believes(two_of_three, "02");
    believes(two_of_three, "210");
    refuses(two_of_three, "1");
    refuses(two_of_three, "113");
    believes(nested, "123");
    refuses(nested, "012");
    refuses(nested, "23");
    believes("log $L\nquorum none\n", "");
    believes("quorum none\n", "");
}

static void logs(void **state)
{
    (void)state;
    refuses("log $M\nquorum none\n", "");
    refuses("log $M\nwitness a $0\nquorum a\n", "0");
    believes("log $M\nlog $L\nquorum none\n", "");
}

static void times_of_witnesses(void **state)
{
    (void)state;
    struct ml_witnessed witnessed;
    assert_int_equal(
        judge("witness a $0\nwitness b $1\nwitness c $2\ngroup g any a b c\nquorum g\n", "20",
              &witnessed),
        MLEDGER_OK);
    assert_int_equal(witnessed.count, 2);
    assert_int_equal(witnessed.earliest, 100);
    assert_int_equal(witnessed.latest, 102);
}

/* A cosignature that does not hold spoils a note that has enough without it. */
static void fails_closed(void **state)
{
    (void)state;
    ML_CLEANUP(ml_witness_policy_freep) struct ml_witness_policy *policy = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_witnessed witnessed;
    assert_int_equal(parse("witness a $0\nwitness b $1\ngroup g any a b\nquorum g\n", &policy),
                     MLEDGER_OK);
    assert_int_equal(ml_buf_printf(&bytes, "%s\n", text), MLEDGER_OK);
    cosign(&witness_parties[0], 1, true, &bytes);
    cosign(&witness_parties[1], 1, false, &bytes);
    assert_int_equal(ml_checkpoint_open(ml_buf_span(&bytes), &note, &checkpoint), MLEDGER_OK);
    assert_int_equal(ml_witness_policy_check(policy, &note, &checkpoint, &witnessed),
                     MLEDGER_EINVALID);
}

static void no_policies(void **state)
{
    (void)state;
    static const struct {
        const char *template;
        const char *where;
    } bad[] = {
        {"", "policy: "},
        {"log $L\n", "policy: "},
        {"quorum none", "policy:1: "},
        {"quorum none\nquorum none\n", "policy:2: "},
        {"quorum a\nwitness a $0\n", "policy:1: "},
        {"quorum none none\n", "policy:1: "},
        {"quorum\n", "policy:1: "},
        {"Quorum none\n", "policy:1: "},
        {"log $L\r\nquorum none\n", "policy:1: "},
        {"log $0\nquorum none\n", "policy:1: "},
        {"log\nquorum none\n", "policy:1: "},
        {"log $L a b\nquorum none\n", "policy:1: "},
        {"log $L\n\nlog $L\nquorum none\n", "policy:3: "},
        {"log nobody\nquorum none\n", "policy:1: "},
        {"witness a $L\nquorum a\n", "policy:1: "},
        {"witness a\nquorum a\n", "policy:1: "},
        {"witness none $0\nquorum none\n", "policy:1: "},
        {"witness a $0\nwitness b $0\nquorum a\n", "policy:2: "},
        {"witness a $0\nwitness a $1\nquorum a\n", "policy:2: "},
        {"witness a $0\ngroup a any a\nquorum a\n", "policy:2: "},
        {"witness a $0\ngroup g any\nquorum a\n", "policy:2: "},
        {"witness a $0\ngroup g 0 a\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g 2 a\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g 01 a\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g some a\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g any a b\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g any none\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g any g\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g 1 a a\nquorum g\n", "policy:2: "},
        {"witness a $0\ngroup g any a\ngroup h any a g\nquorum h\n", "policy:3: "},
    };
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        struct ml_witness_policy *policy = NULL;
        if (parse(bad[i].template, &policy) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i].template);
        if (strncmp(mledger_error_text(), bad[i].where, strlen(bad[i].where)) != 0)
            fail_msg("%s: does not begin with '%s'", mledger_error_text(), bad[i].where);
    }
}

static void limits(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf file = {0};
    struct ml_witness_policy *policy = NULL;
    for (unsigned i = 0; i <= ML_POLICY_WITNESSES_MAX; i++) {
        struct party party = {0};
        char name[32];
        snprintf(name, sizeof name, "w%u", i);
        make_party(&party, ML_VKEY_COSIGNATURE, name, (uint8_t)i);
        assert_int_equal(ml_buf_printf(&file, "witness %s %s\n", name, party.written), MLEDGER_OK);
    }
    assert_int_equal(ml_witness_policy_parse(ml_buf_span(&file), "policy", &policy),
                     MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "more than 128 witnesses"));
    while (file.len <= ML_POLICY_FILE_MAX)
        assert_int_equal(ml_buf_append_text(&file, "# on and on\n"), MLEDGER_OK);
    assert_int_equal(ml_witness_policy_parse(ml_buf_span(&file), "policy", &policy),
                     MLEDGER_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quorums),
        cmocka_unit_test(logs),
        cmocka_unit_test(times_of_witnesses),
        cmocka_unit_test(fails_closed),
        cmocka_unit_test(no_policies),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, make_parties, NULL);
}
