/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands share that write evidence bundles (ledger/query/evidence.h): what anchors the
 * records, and the file.
 */
#ifndef ML_CLI_EVIDENCE_FILE_H
#define ML_CLI_EVIDENCE_FILE_H

#include "cli/outfile.h"
#include "ledger/query/basis.h"
#include "ledger/query/evidence.h"

/* ---- what anchors a view ---- */

enum { ML_EVIDENCE_ANCHORS = 3 };

/* All zero is empty. */
struct ml_evidence_kit {
    struct ml_evidence_anchor anchors[ML_EVIDENCE_ANCHORS];
    size_t n_anchors;
    char **vkeys;
    size_t n_vkeys;
    struct ml_buf known; /* the checkpoint that was seen last */
    struct ml_arena arena;
};
void ml_evidence_kit_init(struct ml_evidence_kit *kit);
void ml_evidence_kit_release(struct ml_evidence_kit *kit);
/* Adds the newest checkpoint that a record notes, with all that others put on it, and the log keys
 * that are good at the head. Errors as ml_checkpoint_noted() and ml_checkpoint_vkeys(). */
int ml_evidence_kit_fill(struct ml_evidence_kit *kit, struct ml_view *view) ML_MUST_USE;
/* Adds the newest checkpoint seen on this machine, unless it is of more records than the view shows
 * or there already. `known_dir` NULL: none was. */
int ml_evidence_kit_add_known(struct ml_evidence_kit *kit, const struct ml_view *view,
                              const char *known_dir) ML_MUST_USE;

/* ---- the file ---- */

/* Writes the bundle into an open `target` and puts it in its place, with progress on stderr unless
 * `quiet`. Anchors and vkeys of `evidence` are the kit's. Errors as ml_evidence_write() and of the
 * file. */
int ml_evidence_save(struct ml_view *view, const struct ml_evidence *evidence,
                     const struct ml_evidence_kit *kit, struct ml_outfile *target, bool quiet,
                     struct ml_evidence_counts *ret_counts) ML_MUST_USE;

/* ---- the evidence of an answer ---- */

#define ML_OPTION_EVIDENCE                                                                         \
    {                                                                                              \
        .name = "evidence", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                      \
        .help = "Write the records that the answer rests on into FILE, an evidence bundle that "   \
                "mledger-verify checks without the ledger."                                        \
    }

/* --evidence, if it was given: a bundle of the records of the basis, which it settles, of the
 * ledger as it is now. Errors as above; MLEDGER_EUSAGE: it would go where the answer goes. */
int ml_evidence_of_answer(const struct ml_invocation *invocation, struct ml_view *view,
                          struct ml_basis *basis, const char *known_dir) ML_MUST_USE;

#endif
