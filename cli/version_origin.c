/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version_origin.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/version_origin.h"

static void print_digest(struct ml_output *out, const Mledger__Digest *digest)
{
    char text[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(digest, ML_DIGEST_SHORT, text);
    ml_output_text(out, ML_ROLE_PLAIN, " %s", text);
}

static void print_seq(struct ml_output *out, uint64_t seq)
{
    ml_output_line(out, ML_ROLE_DIM, "  #%" PRIu64, seq);
}

static void print_input(struct ml_output *out, const struct ml_run_input *input)
{
    ml_output_text(out, ML_ROLE_PLAIN, "  data      %s", input->input->name);
    if (input->input->n_digests > 0)
        print_digest(out, input->input->digests[0]);
    if (input->input->role)
        ml_output_text(out, ML_ROLE_PLAIN, " (%s)", input->input->role);
    print_seq(out, input->seq);
}

int ml_version_origin_print(struct ml_question *question, uint64_t model, uint64_t version)
{
    struct ml_output *out = question->answer.out;
    struct ml_version_origin origin;
    ML_TRY(ml_version_origin(&question->reader, model, version, &question->basis, &origin));
    const struct ml_run_past *run = origin.run;
    if (!run)
        return MLEDGER_OK;
    ml_output_text(out, ML_ROLE_PLAIN, "  from      run %s", run->id);
    print_seq(out, origin.registered_seq);
    if (run->commit) {
        ml_output_text(out, ML_ROLE_PLAIN, "  code     ");
        print_digest(out, run->commit);
        print_seq(out, run->commit_seq);
    }
    for (size_t i = 0; i < run->n_inputs; i++)
        print_input(out, &run->inputs[i]);
    return ml_output_check(out);
}
