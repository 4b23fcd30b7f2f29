/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger's checkpoint taken to witnesses: those that serve as ours do, and those that do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/store/checkpoint.h"
#include "serve/cosign.h"
#include "serve/witness.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/http_server.h"
#include "tests/unit/ledger_fixture.h"

enum { WITNESSES = 2 };

/* A witness at work. */
struct witness {
    char dir[64];
    struct mledger_key *key;
    struct ml_witness_service service;
    struct ml_server *server;
    unsigned cosigned, others; /* verdicts */
};

struct world {
    struct fixture fixture;
    struct ml_vkey *logs;
    size_t n_logs;
    struct witness witnesses[WITNESSES];
    struct ml_witness_policy *policy;
    struct ml_buf note;
    struct ml_cosigned cosigned;
};

static void count_verdict(const struct ml_checkpoint *checkpoint,
                          const struct ml_witness_verdict *verdict, void *context)
{
    struct witness *witness = context;
    (void)checkpoint;
    if (verdict->status == ML_WITNESS_COSIGN)
        witness->cosigned++;
    else
        witness->others++;
}

static void start_witness(struct world *world, unsigned i)
{
    struct witness *witness = &world->witnesses[i];
    char name[32];
    snprintf(name, sizeof name, "witness/%u", i);
    snprintf(witness->dir, sizeof witness->dir, "/tmp/mledger-cosign.XXXXXX");
    assert_non_null(mkdtemp(witness->dir));
    assert_int_equal(mledger_key_generate(MLEDGER_KEY_WITNESS, name, &witness->key), MLEDGER_OK);
    witness->service = (struct ml_witness_service){.key = witness->key,
                                                   .logs = world->logs,
                                                   .n_logs = world->n_logs,
                                                   .state_dir = witness->dir,
                                                   .judged = count_verdict,
                                                   .context = witness};
    assert_int_equal(ml_key_vkey(witness->key, &witness->service.vkey), MLEDGER_OK);
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = ML_WITNESS_REQUEST_MAX,
                                              .handle = ml_witness_handle,
                                              .context = &witness->service};
    assert_int_equal(ml_server_start(&options, &witness->server), MLEDGER_OK);
}

static int make(void **state)
{
    struct world *world = ml_calloc(1, sizeof *world);
    struct ml_view view;
    assert_non_null(world);
    fixture_init(&world->fixture);
    assert_int_equal(ml_view_begin(world->fixture.ledger, &view), MLEDGER_OK);
    assert_int_equal(ml_checkpoint_vkeys(&view, &world->logs, &world->n_logs), MLEDGER_OK);
    ml_view_end(&view);
    for (unsigned i = 0; i < WITNESSES; i++)
        start_witness(world, i);
    *state = world;
    return 0;
}

static int drop(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < WITNESSES; i++) {
        char command[96];
        ml_server_stop(world->witnesses[i].server);
        mledger_key_free(world->witnesses[i].key);
        snprintf(command, sizeof command, "rm -rf '%s'", world->witnesses[i].dir);
        assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): as other tests clear up */
    }
    fixture_release(&world->fixture);
    ml_witness_policy_free(world->policy);
    ml_buf_release(&world->note);
    free(world->logs);
    free(world);
    return 0;
}

/* Appends "witness NAME VKEY URL". */
static void list(struct ml_buf *text, const char *name, const struct witness *witness,
                 const char *url)
{
    assert_int_equal(ml_buf_printf(text, "witness %s ", name), MLEDGER_OK);
    assert_int_equal(ml_vkey_write(&witness->service.vkey, text), MLEDGER_OK);
    assert_int_equal(ml_buf_printf(text, " %s\n", url), MLEDGER_OK);
}

/* A policy of witness 0 at `url0` and 1 at `url1` (NULL: where they are), of which `quorum` count.
 */
static void use_policy(struct world *world, const char *quorum, const char *url0, const char *url1)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *given[WITNESSES] = {url0, url1};
    for (unsigned i = 0; i < WITNESSES; i++) {
        char url[96], name[8];
        snprintf(name, sizeof name, "w%u", i);
        snprintf(url, sizeof url, "http://%s/", ml_server_address(world->witnesses[i].server));
        list(&text, name, &world->witnesses[i], given[i] ? given[i] : url);
    }
    assert_int_equal(ml_buf_printf(&text, "group g %s w0 w1\nquorum g\n", quorum), MLEDGER_OK);
    ml_witness_policy_free(world->policy);
    assert_int_equal(ml_witness_policy_parse(ml_buf_span(&text), "policy", &world->policy),
                     MLEDGER_OK);
}

static void cosign(struct world *world)
{
    struct ml_made_checkpoint made;
    struct mledger_key *key = fixture_log_key();
    assert_int_equal(ml_checkpoint_make(world->fixture.ledger, key, NULL, &made), MLEDGER_OK);
    mledger_key_free(key);
    ml_buf_release(&world->note);
    world->note = made.note;
    assert_int_equal(
        ml_cosign(world->fixture.ledger, world->policy, &world->note, &world->cosigned),
        MLEDGER_OK);
}

static void note_it(struct world *world)
{
    struct ml_draft *draft;
    assert_int_equal(ml_checkpoint_draft(ml_buf_span(&world->note), NULL, 0, &draft), MLEDGER_OK);
    assert_int_equal(fixture_append_draft(&world->fixture, ALICE, draft, NULL), MLEDGER_OK);
}

static void expect(const struct world *world, unsigned i, enum ml_cosign_outcome outcome,
                   const char *says)
{
    const struct ml_cosign_answer *answer = &world->cosigned.answers[i];
    if (answer->outcome != outcome || !strstr(answer->text, says))
        fail_msg("%s: outcome %d: %s", answer->name, (int)answer->outcome, answer->text);
}

static size_t signatures(const struct world *world)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    assert_int_equal(ml_note_parse(ml_buf_span(&world->note), &note), MLEDGER_OK);
    return note.count;
}

static void all_cosign(void **state)
{
    struct world *world = *state;
    use_policy(world, "all", NULL, NULL);
    cosign(world);
    assert_int_equal(world->cosigned.count, 2);
    assert_int_equal(world->cosigned.done, 2);
    assert_true(world->cosigned.enough);
    assert_int_equal(world->cosigned.witnessed.count, 2);
    assert_true(world->cosigned.witnessed.earliest > 0);
    assert_int_equal(signatures(world), 3);
}

/* The noted checkpoint tells what they know; without it they tell themselves. */
static void goes_on(void **state)
{
    struct world *world = *state;
    use_policy(world, "all", NULL, NULL);
    cosign(world);
    note_it(world);
    fixture_add(&world->fixture, "{\"model_created\": {\"name\": \"a\"}}");
    cosign(world);
    assert_int_equal(world->cosigned.done, 2);
    assert_int_equal(world->witnesses[0].cosigned, 2);
    assert_int_equal(world->witnesses[0].others, 0);
    for (unsigned i = 0; i < 9; i++) {
        char line[64];
        snprintf(line, sizeof line, "{\"model_created\": {\"name\": \"b%u\"}}", i);
        fixture_add(&world->fixture, line);
    }
    cosign(world); /* the one before was not noted */
    assert_int_equal(world->cosigned.done, 2);
    assert_int_equal(world->witnesses[0].cosigned, 3);
    assert_int_equal(world->witnesses[0].others, 1);
    assert_true(world->cosigned.enough);
}

static void one_is_away(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_freep) char *nobody = http_nobody();
    use_policy(world, "any", nobody, NULL);
    cosign(world);
    expect(world, 0, ML_COSIGN_FAILED, "cannot reach http://127.0.0.1:");
    expect(world, 1, ML_COSIGN_DONE, "");
    assert_true(world->cosigned.enough);
    use_policy(world, "all", nobody, NULL);
    cosign(world);
    assert_int_equal(world->cosigned.done, 1);
    assert_false(world->cosigned.enough);
    assert_non_null(strstr(world->cosigned.missing, "quorum of witnesses has not cosigned"));
    assert_int_equal(signatures(world), 2);
}

/* Each answers for the other: good cosignatures, of the wrong witness. */
static void of_another_key(void **state)
{
    struct world *world = *state;
    char urls[WITNESSES][96];
    for (unsigned i = 0; i < WITNESSES; i++)
        snprintf(urls[i], sizeof urls[i], "http://%s",
                 ml_server_address(world->witnesses[i].server));
    use_policy(world, "any", urls[1], urls[0]);
    cosign(world);
    expect(world, 0, ML_COSIGN_FAILED, "the answer has no cosignature of 'witness/0'");
    assert_false(world->cosigned.enough);
    assert_int_equal(signatures(world), 1);
}

static void without_a_place(void **state)
{
    struct world *world = *state;
    use_policy(world, "any", "", NULL);
    cosign(world);
    expect(world, 0, ML_COSIGN_NO_URL, "does not say where");
    assert_true(world->cosigned.enough);
}

#define ANSWER(status, type, body)                                                                 \
    "HTTP/1.1 " status "\r\nContent-Type: " type "\r\nConnection: close\r\n\r\n" body

/* Each case is one or two exchanges; the other witness is enough. */
static void odd_witnesses(void **state)
{
    struct world *world = *state;
    static const struct {
        struct http_exchange exchanges[2];
        size_t count;
        enum ml_cosign_outcome outcome;
        const char *says;
    } cases[] = {
        {{{HTTP_ANSWER, ANSWER("200 OK", "text/plain", "thank you\n")}},
         1,
         ML_COSIGN_FAILED,
         "the answer of 'witness/0'"},
        {{{HTTP_ANSWER, ANSWER("403 Forbidden", "text/plain", "not you\nmore\n")}},
         1,
         ML_COSIGN_FAILED,
         "it did not cosign (status 403): not you"},
        {{{HTTP_ANSWER, ANSWER("500 Oops", "text/plain", "")}},
         1,
         ML_COSIGN_FAILED,
         "it did not cosign (status 500)"},
        {{{HTTP_ANSWER, ANSWER("422 Unprocessable Entity", "text/plain", "no\n")}},
         1,
         ML_COSIGN_CONTRADICTED,
         "not the history that it cosigned before (status 422): no"},
        {{{HTTP_ANSWER, ANSWER("409 Conflict", "text/x.tlog.size", "1000000\n")}},
         1,
         ML_COSIGN_CONTRADICTED,
         "it has cosigned 1000000 records of this ledger"},
        {{{HTTP_ANSWER, ANSWER("409 Conflict", "text/plain", "1\n")}},
         1,
         ML_COSIGN_FAILED,
         "it did not cosign (status 409)"},
        {{{HTTP_ANSWER, ANSWER("409 Conflict", "text/x.tlog.size", "one\n")}},
         1,
         ML_COSIGN_FAILED,
         "it did not cosign (status 409)"},
        {{{HTTP_ANSWER, ANSWER("409 Conflict", "text/x.tlog.size", "1\n")},
          {HTTP_ANSWER, ANSWER("409 Conflict", "text/x.tlog.size", "2\n")}},
         2,
         ML_COSIGN_FAILED,
         "it did not cosign (status 409)"},
        {{{HTTP_ANSWER, ANSWER("409 Conflict", "text/x.tlog.size", "1\n")}, {HTTP_ANSWER, ""}},
         2,
         ML_COSIGN_FAILED,
         "was cut off"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct http_server *server = http_server_start(cases[i].exchanges, cases[i].count);
        use_policy(world, "any", http_server_url(server), NULL);
        cosign(world);
        ML_CLEANUP(ml_freep) char *requests = http_server_stop(server);
        expect(world, 0, cases[i].outcome, cases[i].says);
        expect(world, 1, ML_COSIGN_DONE, "");
        assert_true(world->cosigned.enough);
        assert_non_null(strstr(requests, "POST /add-checkpoint HTTP/1.1\r\n"));
        if (cases[i].count == 2)
            assert_non_null(strstr(requests, "\r\n\r\nold 1\n"));
    }
}

/* An old copy of the ledger, which its witness has seen more of. */
static void rolled_back(void **state)
{
    struct world *world = *state;
    struct ml_made_checkpoint made;
    struct mledger_key *key = fixture_log_key();
    assert_int_equal(ml_checkpoint_make(world->fixture.ledger, key, NULL, &made), MLEDGER_OK);
    mledger_key_free(key);
    use_policy(world, "any", NULL, "");
    fixture_add(&world->fixture, "{\"model_created\": {\"name\": \"a\"}}");
    cosign(world);
    assert_int_equal(world->cosigned.done, 1);
    assert_int_equal(ml_cosign(world->fixture.ledger, world->policy, &made.note, &world->cosigned),
                     MLEDGER_OK);
    expect(world, 0, ML_COSIGN_CONTRADICTED, "an old copy was put in place");
    assert_false(world->cosigned.enough);
    ml_made_checkpoint_release(&made);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_cosign),      TEST(goes_on),       TEST(one_is_away), TEST(of_another_key),
        TEST(without_a_place), TEST(odd_witnesses), TEST(rolled_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
