/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/guesses.h"

#include <sodium.h>

#include "ledger/core/ed25519.h"

int ml_guesses_init(struct ml_guesses *guesses)
{
    static_assert(sizeof guesses->key == crypto_shorthash_KEYBYTES, "the key");
    *guesses = (struct ml_guesses){0};
    ML_TRY(ml_sodium_ready());
    crypto_shorthash_keygen(guesses->key);
    const int error_number = pthread_mutex_init(&guesses->mutex, NULL);
    return error_number == 0 ? MLEDGER_OK : ml_fail_errno(error_number, "cannot make a mutex");
}

void ml_guesses_release(struct ml_guesses *guesses)
{
    pthread_mutex_destroy(&guesses->mutex);
}

static uint64_t name_of(const struct ml_guesses *guesses, struct ml_span who)
{
    uint64_t name;
    static_assert(sizeof name == crypto_shorthash_BYTES, "the name");
    crypto_shorthash((uint8_t *)&name, who.data, who.len, guesses->key);
    return name;
}

static bool is_over(const struct ml_guesses_entry *entry, int64_t now_ms)
{
    return entry->wrong == 0 || now_ms - entry->since_ms >= ML_GUESSES_WINDOW_MS;
}

static struct ml_guesses_entry *find(struct ml_guesses *guesses, uint64_t who, int64_t now_ms)
{
    for (size_t i = 0; i < ML_GUESSES_MAX; i++)
        if (guesses->list[i].who == who && !is_over(&guesses->list[i], now_ms))
            return &guesses->list[i];
    return NULL;
}

/* An entry to use: one that is over, else the oldest. */
static struct ml_guesses_entry *make_room(struct ml_guesses *guesses, int64_t now_ms)
{
    struct ml_guesses_entry *oldest = guesses->list;
    for (size_t i = 0; i < ML_GUESSES_MAX; i++) {
        if (is_over(&guesses->list[i], now_ms))
            return &guesses->list[i];
        if (guesses->list[i].since_ms < oldest->since_ms)
            oldest = &guesses->list[i];
    }
    return oldest;
}

unsigned ml_guesses_wait_s(struct ml_guesses *guesses, struct ml_span who, int64_t now_ms)
{
    const uint64_t name = name_of(guesses, who);
    int64_t wait_ms = 0;
    pthread_mutex_lock(&guesses->mutex);
    const struct ml_guesses_entry *entry = find(guesses, name, now_ms);
    if (entry && entry->wrong >= ML_GUESSES_ALLOWED)
        wait_ms = entry->since_ms + ML_GUESSES_WINDOW_MS - now_ms;
    pthread_mutex_unlock(&guesses->mutex);
    return (unsigned)((wait_ms + 999) / 1000);
}

void ml_guesses_add(struct ml_guesses *guesses, struct ml_span who, int64_t now_ms)
{
    const uint64_t name = name_of(guesses, who);
    pthread_mutex_lock(&guesses->mutex);
    struct ml_guesses_entry *entry = find(guesses, name, now_ms);
    if (!entry) {
        entry = make_room(guesses, now_ms);
        *entry = (struct ml_guesses_entry){.who = name, .since_ms = now_ms};
    }
    entry->wrong++;
    pthread_mutex_unlock(&guesses->mutex);
}
