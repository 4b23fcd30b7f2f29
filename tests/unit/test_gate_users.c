/* SPDX-License-Identifier: Apache-2.0 */
/* The list of users: its text, what is wrong with it and where, and its file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/core/hex.h"
#include "ledger/store/file_mark.h"
#include "serve/gate/users_file.h"

/* Argon2id hashes of nothing in particular. */
#define HASH_A "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" HASH_END
#define HASH_B "$argon2id$v=19$m=8,t=1,p=1$BAAAAAAAAAAAAAAAAAAAAA$" HASH_END
#define HASH_END "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define CERTIFICATE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CREATED "\"created\":\"2026-03-01T14:32:00Z\""

static const uint8_t ledger[ML_HASH_SIZE] = {7};

static const char head[] =
    "{\"mledger_users\":1,\"ledger\":"
    "\"0700000000000000000000000000000000000000000000000000000000000000\"}\n";
static const char whole[] =
    "{\"token\":\"0123456789ab\",\"actor\":\"ann\",\"hash\":\"" HASH_A
    "\",\"label\":\"laptop\"," CREATED ",\"expires\":\"2026-04-01T00:00:00Z\",\"read_only\":true}\n"
    "{\"password\":\"ann\",\"actor\":\"ann\",\"hash\":\"" HASH_A "\"," CREATED
    ",\"revoked\":\"2026-03-02T00:00:00Z\"}\n"
    "{\"password\":\"ann\",\"actor\":\"ann\",\"hash\":\"" HASH_B "\"," CREATED "}\n"
    "{\"certificate\":\"" CERTIFICATE "\",\"actor\":\"ci\"," CREATED "}\n";

static int parse(const char *rest, struct ml_users *ret_users)
{
    struct ml_buf text = {0};
    assert_int_equal(ml_buf_printf(&text, "%s%s", head, rest), MLEDGER_OK);
    const int result = ml_users_parse("f", ml_buf_span(&text), ledger, ret_users);
    ml_buf_release(&text);
    return result;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct ml_users users;
    struct ml_buf text = {0}, expected = {0};
    assert_int_equal(parse(whole, &users), MLEDGER_OK);
    assert_int_equal(users.count, 4);
    assert_int_equal(ml_users_write(&users, ledger, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_printf(&expected, "%s%s", head, whole), MLEDGER_OK);
    assert_int_equal(text.len, expected.len);
    assert_memory_equal(text.data, expected.data, text.len);
    ml_buf_release(&text);
    ml_buf_release(&expected);
    ml_users_release(&users);
}

static void test_find(void **state)
{
    (void)state;
    struct ml_users users;
    assert_int_equal(parse(whole, &users), MLEDGER_OK);
    const struct ml_user *token = ml_users_find(&users, ML_USER_TOKEN, "0123456789ab");
    assert_non_null(token);
    assert_string_equal(token->actor, "ann");
    assert_true(token->read_only);
    assert_true(ml_user_lives(token, token->expires_us - 1));
    assert_false(ml_user_lives(token, token->expires_us));
    /* Of two the last: the one before was revoked. */
    assert_string_equal(ml_users_find(&users, ML_USER_PASSWORD, "ann")->hash, HASH_B);
    assert_false(ml_user_lives(users.list[1], 0));
    assert_string_equal(ml_users_find(&users, ML_USER_CERTIFICATE, CERTIFICATE)->actor, "ci");
    assert_null(ml_users_find(&users, ML_USER_PASSWORD, "ci"));
    assert_null(ml_users_find(&users, ML_USER_TOKEN, "ann"));
    assert_null(ml_users_find(&users, ML_USER_CERTIFICATE, "0"));
    ml_users_release(&users);
}

/* A line after the whole list is refused with these words. */
static void wrong(const char *line, const char *words)
{
    struct ml_users users;
    struct ml_buf text = {0};
    assert_int_equal(ml_buf_printf(&text, "%s%s\n", whole, line), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    assert_int_equal(parse((const char *)text.data, &users), MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), words))
        fail_msg("'%s' lacks '%s'", mledger_error_text(), words);
    assert_non_null(strstr(mledger_error_text(), "list of users 'f', line 6: "));
    ml_users_release(&users);
    ml_buf_release(&text);
}

static void test_wrong_lines(void **state)
{
    (void)state;
    wrong("", "expected");
    wrong("[]", "object");
    wrong("{\"actor\":\"a\"," CREATED "}", "none of token, password, certificate");
    wrong("{\"password\":\"a\",\"actor\":\"a\"}", "created");
    wrong("{\"password\":\"a\",\"actor\":\"a\",\"created\":\"yesterday\"}", "created: ");
    wrong("{\"password\":\"a\",\"actor\":\"a\",\"created\":\"1970-01-01T00:00:00Z\"}", "range");
    wrong("{\"password\":\"a\",\"actor\":1," CREATED "}", "string");
    wrong("{\"password\":\"a\",\"actor\":\"a\"," CREATED "}", "has no Argon2id hash");
    wrong("{\"password\":\"a\",\"actor\":\"a\",\"hash\":\"$argon2id$x\"," CREATED "}",
          "has no Argon2id hash");
    wrong("{\"password\":\"a\",\"actor\":\"a\",\"hash\":\"$2b$12$x\"," CREATED "}",
          "has no Argon2id hash");
    wrong("{\"password\":\"a:b\",\"actor\":\"a\",\"hash\":\"" HASH_A "\"," CREATED "}",
          "no name to give with a password");
    wrong("{\"password\":\"\",\"actor\":\"a\",\"hash\":\"" HASH_A "\"," CREATED "}", "empty");
    wrong("{\"token\":\"0123\",\"actor\":\"a\",\"hash\":\"" HASH_A "\"," CREATED "}",
          "no token's id");
    wrong("{\"token\":\"0123456789AB\",\"actor\":\"a\",\"hash\":\"" HASH_A "\"," CREATED "}",
          "no token's id");
    wrong("{\"certificate\":\"0123\",\"actor\":\"a\"," CREATED "}", "no SHA-256");
    wrong("{\"certificate\":\"" CERTIFICATE "\",\"actor\":\"b\"," CREATED "}", "is there already");
    wrong("{\"password\":\"ann\",\"actor\":\"b\",\"hash\":\"" HASH_A "\"," CREATED "}",
          "is there already, of actor 'ann'");
    wrong("{\"token\":\"0123456789ac\",\"password\":\"a\",\"actor\":\"a\"," CREATED "}",
          "more than one of");
    wrong("{\"token\":\"0123456789ac\",\"admin\":true,\"actor\":\"a\"," CREATED "}", "admin");
}

static void refused(const char *text, size_t len, const char *words)
{
    struct ml_users users;
    assert_int_equal(ml_users_parse("f", ML_SPAN(text, len), ledger, &users), MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), words))
        fail_msg("'%s' lacks '%s'", mledger_error_text(), words);
    ml_users_release(&users);
}

static void test_wrong_files(void **state)
{
    (void)state;
    static const char other[] =
        "{\"mledger_users\":1,\"ledger\":"
        "\"0800000000000000000000000000000000000000000000000000000000000000\"}\n";
    static const char newer[] = "{\"mledger_users\":2,\"ledger\":\"07\"}\n";
    refused("", 0, "is empty");
    refused(whole, sizeof whole - 1, "line 1: this is no list of users");
    refused(other, sizeof other - 1, "of another ledger");
    refused(newer, sizeof newer - 1, "version 2");
    refused(head, sizeof head - 2, "the last line is cut off");
}

/* ---- the file ---- */

struct place {
    char dir[64], path[96];
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->dir, sizeof place->dir, "/tmp/mledger-users-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    snprintf(place->path, sizeof place->path, "%s/users", place->dir);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    char lock[128];
    snprintf(lock, sizeof lock, "%s.lock", place->path);
    unlink(place->path);
    unlink(lock);
    rmdir(place->dir);
    free(place);
    return 0;
}

static int add(struct ml_users *users, void *context)
{
    const struct ml_user user = {
        .kind = ML_USER_PASSWORD, .id = context, .actor = context, .hash = HASH_A, .created_us = 1};
    ML_TRY(ml_users_add(users, &user));
    return 1;
}

static char ann[] = "ann", bob[] = "bob";

static int look(struct ml_users *users, void *context)
{
    *(size_t *)context = users->count;
    return 0;
}

static void test_file(void **state)
{
    struct place *place = *state;
    struct ml_users users;
    size_t count;
    assert_int_equal(ml_users_file_read(place->path, ledger, &users), MLEDGER_ENOTFOUND);
    ml_users_release(&users);
    const struct ml_file_mark none = ml_file_mark(place->path);
    assert_int_equal(ml_users_file_change(place->path, ledger, add, ann), MLEDGER_OK);
    const struct ml_file_mark one = ml_file_mark(place->path);
    assert_false(ml_file_mark_equal(&none, &one));
    assert_int_equal(ml_users_file_change(place->path, ledger, look, &count), MLEDGER_OK);
    assert_int_equal(count, 1);
    const struct ml_file_mark same = ml_file_mark(place->path);
    assert_true(ml_file_mark_equal(&one, &same));
    /* A change that fails leaves it as it was. */
    assert_int_equal(ml_users_file_change(place->path, ledger, add, ann), MLEDGER_EINVALID);
    assert_int_equal(ml_users_file_change(place->path, ledger, add, bob), MLEDGER_OK);
    assert_int_equal(ml_users_file_read(place->path, ledger, &users), MLEDGER_OK);
    assert_int_equal(users.count, 2);
    ml_users_release(&users);
}

static void test_file_is_private(void **state)
{
    struct place *place = *state;
    struct ml_users users;
    struct stat status;
    assert_int_equal(ml_users_file_change(place->path, ledger, add, ann), MLEDGER_OK);
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(chmod(place->path, 0640), 0);
    assert_int_equal(ml_users_file_read(place->path, ledger, &users), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "open to other users (mode 0640)"));
    ml_users_release(&users);
    assert_int_equal(ml_users_file_change(place->path, ledger, add, bob), MLEDGER_ESYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_wrong_lines),
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test_setup_teardown(test_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_is_private, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
