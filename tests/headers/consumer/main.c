/* SPDX-License-Identifier: Apache-2.0 */
/* A program that uses mledger as a library: makes a ledger in argv[1], appends, verifies. */
#include <mledger/verify.h>
#include <stdio.h>

static int use(const char *dir, struct mledger_verify_result *result)
{
    static const char line[] = "{\"model_created\": {\"name\": \"churn\"}}\n";
    struct mledger_key *key = NULL, *log_key = NULL;
    struct mledger_ledger *ledger = NULL;
    int failed = mledger_key_generate(MLEDGER_KEY_SIGNER, "alice", &key) ||
                 mledger_key_generate(MLEDGER_KEY_LOG, "log", &log_key);
    if (!failed) {
        const struct mledger_founding founding = {.name = "consumer",
                                                  .origin = "example.org/consumer",
                                                  .actor_id = "alice",
                                                  .key = key,
                                                  .log_key = mledger_key_public(log_key)};
        failed = mledger_create(dir, NULL, &founding, &ledger) ||
                 mledger_append(ledger, key, line, sizeof line - 1, NULL, NULL) ||
                 mledger_verify(ledger, NULL, NULL, NULL, result);
    }
    mledger_close(ledger);
    mledger_key_free(log_key);
    mledger_key_free(key);
    return failed;
}

int main(int argc, char **argv)
{
    struct mledger_verify_result result;
    if (argc != 2 || use(argv[1], &result)) {
        fprintf(stderr, "%s\n", mledger_error_text());
        return 1;
    }
    printf("%llu records, %llu faults\n", (unsigned long long)result.records,
           (unsigned long long)result.faults);
    return 0;
}
