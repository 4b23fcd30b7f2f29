/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/version_origin.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/version_past.h"
#include "ledger/query/version_run.h"

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
static int rest_on(const struct ml_version_origin *origin, const char *model, uint64_t version,
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

int ml_version_origin(struct ml_reader *reader, uint64_t model, uint64_t version,
                      struct ml_basis *basis, struct ml_version_origin *ret_origin)
{
    const Mledger__SubjectState *subject;
    struct ml_version_past past;
    ML_TRY(ml_version_past(reader, model, version, &past));
    ML_TRY(ml_reader_subject(reader, model, &subject));
    struct ml_version_origin origin = {.registered_seq = past.registered_seq,
                                       .run_id = past.registered->run_id};
    ML_TRY(ml_version_run(reader, past.registered, &origin.run));
    if (origin.run)
        origin.run_id = origin.run->id;
    *ret_origin = origin;
    return rest_on(&origin, subject ? subject->name : "?", version, basis);
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

static int fill(const struct ml_version_origin *origin, json_t *json)
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

int ml_version_origin_to_json(const struct ml_version_origin *origin, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(fill(origin, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
