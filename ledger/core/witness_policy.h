/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which checkpoints to believe (C2SP tlog-policy): those of the logs listed, if they are cosigned
 * by a quorum of witnesses. A file of lines, their words parted by spaces and tabs; empty lines
 * and those that begin with '#' do not count:
 *
 *     log VKEY [URL]
 *     witness NAME VKEY [URL]
 *     group NAME all|any|K NAME...    names that were defined on lines before
 *     quorum NAME|none                once
 *
 * A log's vkey is of type 0x01 and named as its checkpoints' origin, a witness's is of type 0x04.
 * No key stands twice, and nothing is a member twice (of any groups together).
 *
 * Pure; thread-safe on distinct arguments.
 */
#ifndef ML_CORE_WITNESS_POLICY_H
#define ML_CORE_WITNESS_POLICY_H

#include "ledger/core/checkpoint.h"

enum {
    ML_POLICY_FILE_MAX = 1 << 20, /* bytes */
    ML_POLICY_LOGS_MAX = 128,
    ML_POLICY_WITNESSES_MAX = 128,
    ML_POLICY_GROUPS_MAX = 128,
};

struct ml_witness_policy;

/* Reads a policy file; `name` is for errors. The text is not needed afterwards.
 * MLEDGER_EINVALID names file and line. MLEDGER_ESYSTEM: out of memory. */
int ml_witness_policy_parse(struct ml_span text, const char *name,
                            struct ml_witness_policy **ret_policy) ML_MUST_USE;
void ml_witness_policy_free(struct ml_witness_policy *policy); /* accepts NULL */
static inline void ml_witness_policy_freep(struct ml_witness_policy **policy)
{
    ml_witness_policy_free(*policy);
}

/* How many witnesses it lists, and logs. */
size_t ml_witness_policy_witnesses(const struct ml_witness_policy *policy);
size_t ml_witness_policy_logs(const struct ml_witness_policy *policy);

/* The witness and the log at `index`, in the order of the file; url is "" where it names none. All
 * is the policy's. */
struct ml_policy_party {
    const char *name; /* of a witness: in the file; of a log: its origin */
    const struct ml_vkey *vkey;
    const char *url;
};
struct ml_policy_party ml_witness_policy_witness(const struct ml_witness_policy *policy,
                                                 size_t index);
struct ml_policy_party ml_witness_policy_log(const struct ml_witness_policy *policy, size_t index);

/* How many of its witnesses a policy asks for: 0, none; ML_POLICY_ALL, each, how many there may be;
 * else that many. ML_POLICY_OTHER: its quorum is none of all its witnesses alike, or it has groups
 * of which the quorum is not made. */
enum { ML_POLICY_ALL = -1, ML_POLICY_OTHER = -2 };
int ml_witness_policy_quorum(const struct ml_witness_policy *policy);
/* Whether it asks for any witness: false where its quorum is none. */
bool ml_witness_policy_asks(const struct ml_witness_policy *policy);

/* What a checkpoint that the policy believes is backed by. */
struct ml_witnessed {
    size_t count; /* witnesses that cosigned */
    /* Seconds since 1970 of their cosignatures; both 0 where there are none. */
    int64_t earliest, latest;
};

/*
 * Whether the policy believes the checkpoint. Where the policy lists no logs that it is signed by
 * its log is the caller's to check.
 * MLEDGER_EREFUSED, rule "witness-policy": no log that is listed signed it, or the quorum is not
 * met. MLEDGER_EINVALID: a signature of a listed key does not hold. MLEDGER_ESYSTEM.
 */
int ml_witness_policy_check(const struct ml_witness_policy *policy, const struct ml_note *note,
                            const struct ml_checkpoint *checkpoint,
                            struct ml_witnessed *ret_witnessed) ML_MUST_USE;

#endif
