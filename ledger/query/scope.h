/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scope of a piece of evidence: what a reference (ledger/query/reference.h) draws with it, and
 * so which records an evidence bundle opens.
 *
 *   a model, or a version of one   the model, every run that its versions name, by seq or by id,
 *                                  and every logged model that they name, with what belongs to it
 *   a logged model                 the logged model, and the runs that made it
 *   an experiment                  the experiment, and every run started in it
 *   a run, dataset, pipeline       that subject
 *   an actor                       the actor (what it signed is in no scope of its own)
 *   no reference                   everything
 *
 * A record is open if it is tagged with a subject in scope, or is a trust record.
 *
 * The other scope is that of an answer: single records, those that it rests on, and the trust
 * records. It holds no subject whole, so it shows what was chosen and not that nothing else
 * belongs to it.
 */
#ifndef ML_QUERY_SCOPE_H
#define ML_QUERY_SCOPE_H

#include "ledger/core/codec.h"
#include "ledger/store/ledger.h"
#include "proto/bundle.pb-c.h"

enum { ML_SCOPE_SUBJECTS_MAX = ML_LIMIT_REPEATED };

struct ml_scope {
    Mledger__BundleTarget target;
    uint64_t seq;       /* of the subject asked for; MLEDGER_NO_SEQ: everything, single records */
    uint64_t version;   /* of that model; 0: none */
    uint64_t *subjects; /* ascending; none where everything is in scope, or single records */
    size_t n_subjects;
    uint64_t size;   /* records */
    uint8_t *marked; /* a bit for each record: it is tagged with one of the subjects, or chosen */
};

/*
 * The scope of what `reference` names now; NULL: of everything. Found through the indexes. The view
 * must last as long as the call; initialises *ret_scope in any case, to be released.
 * MLEDGER_EUSAGE: it names content or a record, which have no scope; or as ml_reference_resolve().
 * MLEDGER_ENOTFOUND: there is no such thing, or no record of it. MLEDGER_EINVALID: more than
 * ML_SCOPE_SUBJECTS_MAX subjects. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM.
 */
int ml_scope_find(struct ml_view *view, const char *reference,
                  struct ml_scope *ret_scope) ML_MUST_USE;
/*
 * The scope of these records, in any order, some maybe more than once. The same of *ret_scope.
 * MLEDGER_ENOTFOUND: there is no record of that number in the view. MLEDGER_ESYSTEM.
 */
int ml_scope_of_records(const struct ml_view *view, const uint64_t *seqs, size_t count,
                        struct ml_scope *ret_scope) ML_MUST_USE;
void ml_scope_release(struct ml_scope *scope);

/* Whether the record, of this kind, is open. */
bool ml_scope_opens(const struct ml_scope *scope, uint64_t seq, Mledger__Kind kind);

#endif
