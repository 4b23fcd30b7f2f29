/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of witnesses: what is read as one is asked about a note that nobody signed. */
#include "ledger/core/witness_policy.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char bytes[] = "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
                                "\xe2\x80\x94 nobody AAAAAAA=\n";
    ML_CLEANUP(ml_witness_policy_freep) struct ml_witness_policy *policy = NULL;
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    struct ml_witnessed witnessed;
    FUZZ_CHECK(ml_checkpoint_open(ML_SPAN(bytes, sizeof bytes - 1), &note, &checkpoint) ==
               MLEDGER_OK);
    int result = ml_witness_policy_parse(ML_SPAN(data, size), "policy", &policy);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        return 0;
    result = ml_witness_policy_check(policy, &note, &checkpoint, &witnessed);
    FUZZ_CHECK(result == MLEDGER_EREFUSED ||
               (result == MLEDGER_OK && ml_witness_policy_logs(policy) == 0));
    FUZZ_CHECK(result < 0 || witnessed.count == 0);
    return 0;
}
