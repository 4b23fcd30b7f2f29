/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify.h"

#include <inttypes.h>

#include "ledger/store/known_file.h"
#include "ledger/store/ledger_private.h"
#include "verify/anchor.h"
#include "verify/snapshot.h"
#include "verify/verify_private.h"

enum { SNAPSHOT_ATTEMPTS = 1000 };

/* What was seen of this ledger before must be part of it. */
static int check_known_head(struct ml_verify *verify)
{
    const struct ml_head *head = &verify->core.fold.head;
    const struct ml_known_head known = verify->known;
    if (!verify->has_known || head->size == 0 ||
        memcmp(verify->known_identity, head->identity, ML_HASH_SIZE) != 0)
        return MLEDGER_OK;
    if (known.size > head->size)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "known-head-behind", head->size,
                                "%" PRIu64 " records have been seen here, and there are %" PRIu64,
                                known.size, head->size);
    uint8_t link[ML_HASH_SIZE];
    int result = ml_txn_link_at(verify->txn, known.size - 1, link);
    if (result < 0 && result != MLEDGER_ENOTFOUND && result != MLEDGER_EDAMAGED)
        return result;
    if (result < 0 || memcmp(link, known.link, ML_HASH_SIZE) != 0)
        return ml_verify_report(&verify->core, ML_SEVERITY_FAULT, "known-head-differs",
                                known.size - 1,
                                "another record was seen here: history has been rewritten");
    verify->core.result.known = true;
    return MLEDGER_OK;
}

/* Only what has no fault may be gone on from. That it cannot be kept is no fault of the ledger. The
 * first that is seen of any ledger makes the directory. */
static int remember(struct ml_verify *verify)
{
    struct ml_verifier *core = &verify->core;
    if (!core->options->remember || core->options->level != ML_VERIFY_FULL ||
        core->result.faults > 0 || !verify->ledger->known_dir)
        return MLEDGER_OK;
    const char *known_dir = verify->ledger->known_dir;
    core->result.remembered = ml_known_dir_make(known_dir) >= 0 &&
                              ml_snapshot_write(known_dir, core, core->result.state) >= 0;
    return MLEDGER_OK;
}

static int verify_all(struct ml_verify *verify)
{
    struct ml_verifier *core = &verify->core;
    if (core->options->since)
        ML_TRY(ml_verify_since_begin(verify));
    ML_TRY(ml_verifier_read(core));
    ML_TRY(check_known_head(verify));
    ML_TRY(ml_verifier_finish(core));
    if (core->options->level == ML_VERIFY_FULL)
        ML_TRY(ml_verify_store(verify));
    ML_TRY(ml_verify_anchors(core));
    if (core->options->level == ML_VERIFY_FULL)
        ML_TRY(ml_verify_conflicts(verify));
    return remember(verify);
}

static int state_head(struct ml_kv_txn *txn, struct ml_span *ret_head)
{
    struct ml_state_key key = ml_key_ledger();
    int result = ml_kv_get(txn, ML_TABLE_STATE, ml_state_key_span(&key), ret_head);
    if (result == MLEDGER_ENOTFOUND)
        *ret_head = (struct ml_span){0};
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

/* Two transactions on one snapshot: begun one after the other until nobody wrote in between. */
static int begin_reading(struct ml_verify *verify)
{
    for (int attempt = 0; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
        ML_TRY(ml_kv_read_begin(verify->ledger->kv, &verify->txn));
        ML_TRY(ml_kv_read_begin(verify->ledger->kv, &verify->second_txn));
        struct ml_span first, second;
        ML_TRY(state_head(verify->txn, &first));
        ML_TRY(state_head(verify->second_txn, &second));
        if (ml_span_equal(first, second))
            return MLEDGER_OK;
        ml_kv_read_end(ML_TAKE(verify->second_txn));
        ml_kv_read_end(ML_TAKE(verify->txn));
    }
    return ml_fail(MLEDGER_ESYSTEM, "the ledger is written to without a pause");
}

static int find_known(struct ml_verify *verify)
{
    const char *known_dir = verify->ledger->known_dir;
    if (!known_dir)
        return MLEDGER_OK;
    int result =
        ml_known_head_of(verify->ledger, known_dir, verify->known_identity, &verify->known);
    verify->has_known = result == MLEDGER_OK;
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int start(struct ml_verify *verify, const struct ml_verify_options *options)
{
    ML_TRY(find_known(verify));
    ML_TRY(begin_reading(verify));
    ML_TRY(ml_multiset_init(&verify->index));
    ML_TRY(ml_verify_source_init(verify));
    return ml_verifier_init(&verify->core, options, &verify->source);
}

static void release(struct ml_verify *verify)
{
    ml_verifier_release(&verify->core);
    ml_verify_walk_close(&verify->walk);
    ml_kv_read_end(verify->second_txn);
    ml_kv_read_end(verify->txn);
}

int ml_verify(struct ml_ledger *ledger, const struct ml_verify_options *options,
              struct ml_verify_result *ret_result)
{
    ML_CLEANUP(release) struct ml_verify verify = {.ledger = ledger};
    ML_TRY(start(&verify, options));
    ML_TRY(verify_all(&verify));
    *ret_result = verify.core.result;
    return MLEDGER_OK;
}
