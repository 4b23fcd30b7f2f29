/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version_origin.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/version_past.h"
#include "ledger/query/version_run.h"

struct origin {
    uint64_t registered_seq;
    const char *run_id;            /* NULL: none is named */
    const struct ml_run_past *run; /* NULL: none is recorded */
};

static int unknown_run(struct ml_basis *basis, const char *model, uint64_t version,
                       const char *run_id)
{
    return run_id ? ml_basis_unknown(basis,
                                     "nothing is recorded of run %s, which %s/%" PRIu64
                                     " says it came from",
                                     run_id, model, version)
                  : ml_basis_unknown(basis, "no run is recorded that %s/%" PRIu64 " came from",
                                     model, version);
}

/* The records used, and what they do not tell. */
static int rest_on(const struct origin *origin, const char *model, uint64_t version,
                   struct ml_basis *basis)
{
    const struct ml_run_past *run = origin->run;
    ML_TRY(ml_basis_add(basis, origin->registered_seq));
    if (!run)
        return unknown_run(basis, model, version, origin->run_id);
    ML_TRY(ml_basis_add(basis, run->seq));
    if (run->commit)
        ML_TRY(ml_basis_add(basis, run->commit_seq));
    else
        ML_TRY(ml_basis_unknown(basis, "no code commit is recorded for run %s", run->id));
    for (size_t i = 0; i < run->n_inputs; i++)
        ML_TRY(ml_basis_add(basis, run->inputs[i].seq));
    return run->n_inputs > 0
               ? MLEDGER_OK
               : ml_basis_unknown(basis, "run %s has no record of what it read", run->id);
}

static int read_origin(struct ml_question *question, uint64_t model, uint64_t version,
                       struct origin *ret_origin)
{
    struct ml_reader *reader = &question->reader;
    const Mledger__SubjectState *subject;
    struct ml_version_past past;
    ML_TRY(ml_version_past(reader, model, version, &past));
    ML_TRY(ml_reader_subject(reader, model, &subject));
    struct origin origin = {.registered_seq = past.registered_seq,
                            .run_id = past.registered->run_id};
    ML_TRY(ml_version_run(reader, past.registered, &origin.run));
    if (origin.run)
        origin.run_id = origin.run->id;
    *ret_origin = origin;
    return rest_on(&origin, subject ? subject->name : "?", version, &question->basis);
}

/* ---- text ---- */

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
    struct origin origin;
    ML_TRY(read_origin(question, model, version, &origin));
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

/* ---- JSON ---- */

static json_t *digest_json(const Mledger__Digest *digest)
{
    char text[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(digest, 0, text);
    return json_string(text);
}

static int add_input(json_t *list, const struct ml_run_input *input)
{
    json_t *item, *digests;
    ML_TRY(ml_json_add_empty(list, json_object(), &item));
    ML_TRY(ml_json_put(item, "name", ml_json_text(input->input->name)));
    ML_TRY(ml_json_put(item, "role", ml_json_text(input->input->role)));
    ML_TRY(ml_json_put_empty(item, "digests", json_array(), &digests));
    for (size_t i = 0; i < input->input->n_digests; i++)
        ML_TRY(ml_json_add(digests, digest_json(input->input->digests[i])));
    return ml_json_put(item, "seq", ml_json_number(input->seq));
}

static int fill(const struct origin *origin, json_t *json)
{
    const struct ml_run_past *run = origin->run;
    json_t *commit = json_null(), *inputs;
    ML_TRY(ml_json_put(json, "registered", ml_json_number(origin->registered_seq)));
    ML_TRY(ml_json_put(json, "run", ml_json_text(origin->run_id)));
    if (run && run->commit)
        commit = json_pack("{s:o, s:I}", "digest", digest_json(run->commit), "seq",
                           (json_int_t)run->commit_seq);
    ML_TRY(ml_json_put(json, "commit", commit));
    ML_TRY(ml_json_put_empty(json, "inputs", json_array(), &inputs));
    for (size_t i = 0; run && i < run->n_inputs; i++)
        ML_TRY(add_input(inputs, &run->inputs[i]));
    return MLEDGER_OK;
}

int ml_version_origin_to_json(struct ml_question *question, uint64_t model, uint64_t version,
                              json_t **ret_json)
{
    struct origin origin;
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    ML_TRY(read_origin(question, model, version, &origin));
    if (!json)
        return ml_fail_memory();
    ML_TRY(fill(&origin, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
