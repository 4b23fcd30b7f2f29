/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying a ledger that may be hostile. LMDB has no checksums over its pages and believes what it
 * reads: a flipped bit can end the process that looks at it, or send it round in circles. So the
 * store is opened and read in a child process with limits (ledger/store/confine.h), findings come
 * through its pipe, and how the child ended is a finding like others:
 *
 *     store-crash    it died of a signal
 *     store-hang     it made no progress for `stall_ms`, and was killed
 *     store-damaged  the engine found its file inconsistent: nothing more can be read
 *
 * What the child says is read strictly and shown, never followed. Nothing here makes a broken
 * store sound: a result without faults is that of ml_verify() run to its end.
 */
#ifndef VERIFY_VERIFY_CHILD_H
#define VERIFY_VERIFY_CHILD_H

#include "verify/verify.h"

#define ML_VERIFY_STALL_MS_DEFAULT 120000

/*
 * As ml_verify() of the ledger in `dir`, which this process must not have open; known heads are
 * those of `known_dir` (NULL: none). `stall_ms` 0: the default. The visitor and the progress of
 * `options` are called on this thread. After a crash, a hang or damage ret_result holds the counts
 * of findings, the records read, and an empty head.
 * MLEDGER_ENOTFOUND: there is no ledger. MLEDGER_ESYSTEM: it cannot be opened, or verification
 * cannot be carried through; also what a visitor returns.
 */
int ml_verify_confined(const char *dir, const char *known_dir,
                       const struct ml_verify_options *options, uint64_t stall_ms,
                       struct ml_verify_result *ret_result) ML_MUST_USE;

#endif
