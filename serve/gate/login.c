/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/login.h"

#include <stdio.h>

/* Checking a secret against it takes as long as against those of ml_secret_hash(). */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$bm9ib2R5IGtub3dzIGl0IQ$"
                             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

int ml_login_init(struct ml_login *login)
{
    login->nobody = nobody;
    ML_TRY(ml_guesses_init(&login->guesses));
    int result = ml_turns_init(&login->turns, ML_LOGIN_AT_ONCE, ML_LOGIN_WAITING);
    if (result < 0) {
        ml_guesses_release(&login->guesses);
        return result;
    }
    result = ml_verified_init(&login->verified);
    if (result < 0) {
        ml_turns_release(&login->turns);
        ml_guesses_release(&login->guesses);
    }
    return result;
}

void ml_login_release(struct ml_login *login)
{
    ml_verified_release(&login->verified);
    ml_turns_release(&login->turns);
    ml_guesses_release(&login->guesses);
}

/* Who is counted: "t0123…", "pann", "@192.0.2.1". */
struct guesser {
    char name[ML_USER_NAME_MAX + 2];
    char address[64];
};

static struct guesser guesser_of(const struct ml_credential *credential, const char *address)
{
    struct guesser guesser = {0};
    snprintf(guesser.name, sizeof guesser.name, "%c%s",
             credential->kind == ML_USER_TOKEN ? 't' : 'p', credential->id);
    if (address[0])
        snprintf(guesser.address, sizeof guesser.address, "@%s", address);
    return guesser;
}

static unsigned wait_s(struct ml_login *login, const struct guesser *guesser, int64_t now_ms)
{
    const struct ml_span name = ML_SPAN(guesser->name, strlen(guesser->name));
    const struct ml_span address = ML_SPAN(guesser->address, strlen(guesser->address));
    const unsigned by_name = ml_guesses_wait_s(&login->guesses, name, now_ms);
    const unsigned by_address =
        address.len ? ml_guesses_wait_s(&login->guesses, address, now_ms) : 0;
    return by_name > by_address ? by_name : by_address;
}

static void count(struct ml_login *login, const struct guesser *guesser, int64_t now_ms)
{
    ml_guesses_add(&login->guesses, ML_SPAN(guesser->name, strlen(guesser->name)), now_ms);
    if (guesser->address[0])
        ml_guesses_add(&login->guesses, ML_SPAN(guesser->address, strlen(guesser->address)),
                       now_ms);
}

struct attempt {
    const struct ml_user *user; /* NULL: there is none */
    struct ml_span secret;
    uint8_t tag[ML_VERIFIED_SIZE];
    struct guesser guesser;
    int64_t now_ms;
};

static bool is_right(struct ml_login *login, const struct attempt *attempt)
{
    if (!attempt->user)
        return ml_secret_matches(attempt->secret, login->nobody) && false;
    return ml_secret_matches(attempt->secret, attempt->user->hash);
}

/* In its turn, before which others may have been with the same secret or the same name. */
static enum ml_login_answer try_secret(struct ml_login *login, const struct attempt *attempt,
                                       unsigned *ret_wait_s)
{
    if (attempt->user && ml_verified_has(&login->verified, attempt->tag, attempt->now_ms))
        return ML_LOGIN_RIGHT;
    *ret_wait_s = wait_s(login, &attempt->guesser, attempt->now_ms);
    if (*ret_wait_s > 0)
        return ML_LOGIN_WAIT;
    if (!is_right(login, attempt)) {
        count(login, &attempt->guesser, attempt->now_ms);
        return ML_LOGIN_WRONG;
    }
    ml_verified_add(&login->verified, attempt->tag, attempt->now_ms);
    return ML_LOGIN_RIGHT;
}

bool ml_login_knows(struct ml_login *login, const struct ml_credential *credential,
                    const struct ml_user *user, int64_t now_ms)
{
    uint8_t tag[ML_VERIFIED_SIZE];
    if (!user)
        return false;
    ml_verified_tag(&login->verified, user, ML_SPAN(credential->secret, credential->secret_len),
                    tag);
    return ml_verified_has(&login->verified, tag, now_ms);
}

enum ml_login_answer ml_login_check(struct ml_login *login, const struct ml_credential *credential,
                                    const struct ml_user *user, const char *address, int64_t now_ms,
                                    unsigned *ret_wait_s)
{
    struct attempt attempt = {.user = user,
                              .secret = ML_SPAN(credential->secret, credential->secret_len),
                              .now_ms = now_ms};
    if (user) {
        ml_verified_tag(&login->verified, user, attempt.secret, attempt.tag);
        if (ml_verified_has(&login->verified, attempt.tag, now_ms))
            return ML_LOGIN_RIGHT;
    } else if (credential->kind == ML_USER_TOKEN) {
        return ML_LOGIN_WRONG;
    }
    attempt.guesser = guesser_of(credential, address);
    *ret_wait_s = wait_s(login, &attempt.guesser, now_ms);
    if (*ret_wait_s > 0)
        return ML_LOGIN_WAIT;
    if (!ml_turns_take(&login->turns))
        return ML_LOGIN_BUSY;
    const enum ml_login_answer answer = try_secret(login, &attempt, ret_wait_s);
    ml_turns_end(&login->turns);
    return answer;
}
