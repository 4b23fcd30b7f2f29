/* SPDX-License-Identifier: Apache-2.0 */
/* Lists out of the ledger's current state, which is kept by key. */
#ifndef ML_QUERY_STATE_WALK_H
#define ML_QUERY_STATE_WALK_H

#include "ledger/store/ledger.h"

/* Calls `visit` with each key of the state that begins with `prefix`, ascending, and the packed
 * value (ledger/core/state_key.h says of which message), both borrowed until the view ends. A
 * positive result of `visit` ends the walk well, a negative one is returned. */
typedef int ml_state_walk_visitor(struct ml_span key, struct ml_span value, void *context);
int ml_state_walk(struct ml_view *view, struct ml_span prefix, ml_state_walk_visitor *visit,
                  void *context) ML_MUST_USE;

/* The same over the living and deleted subjects of a kind, each once, in no order that means
 * anything; one whose name another bears by now is left out. */
typedef int ml_subject_visitor(uint64_t seq, const Mledger__SubjectState *subject, void *context);
int ml_subject_walk(struct ml_view *view, Mledger__SubjectKind kind, ml_subject_visitor *visit,
                    void *context) ML_MUST_USE;
/* Over all keys that were ever authorised, by their bytes. */
typedef int ml_key_visitor(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state,
                           void *context);
int ml_key_walk(struct ml_view *view, ml_key_visitor *visit, void *context) ML_MUST_USE;
/* Over the policies in force: `seq` is the record that set the policy of `stage`. */
typedef int ml_policy_visitor(const char *stage, const Mledger__PolicyState *policy, void *context);
int ml_policy_walk(struct ml_view *view, ml_policy_visitor *visit, void *context) ML_MUST_USE;
/* Over the records whose details were erased: `by` is the record that did. */
typedef int ml_erased_visitor(uint64_t seq, uint64_t by, void *context);
int ml_erased_walk(struct ml_view *view, ml_erased_visitor *visit, void *context) ML_MUST_USE;

#endif
