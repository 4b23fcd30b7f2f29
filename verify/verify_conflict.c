/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conflicts that were kept here (ledger/store/conflict.h): two checkpoints that a log key of the
 * ledger has signed and that cannot both be true. Who keeps the file is not asked: the signatures
 * speak. What does not hold by itself is not proven, so that a file put there by somebody else
 * brings no ledger down.
 */
#include <inttypes.h>

#include "ledger/store/conflict.h"
#include "ledger/store/ledger_private.h"
#include "verify/anchor.h"
#include "verify/verify_private.h"

/* One of the two. */
struct side {
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};

struct pair {
    struct side sides[2];
};

static void pair_release(struct pair *pair)
{
    ml_note_release(&pair->sides[0].note);
    ml_note_release(&pair->sides[1].note);
}

static int open_pair(struct ml_span text, struct pair *pair)
{
    struct side *sides = pair->sides;
    struct ml_span notes[2];
    ML_TRY(ml_conflict_read(text, &notes[0], &notes[1]));
    ML_TRY(ml_checkpoint_open(notes[0], &sides[0].note, &sides[0].checkpoint));
    return ml_checkpoint_open(notes[1], &sides[1].note, &sides[1].checkpoint);
}

/* 1: the log has signed it, in its own name. */
static int is_of_log(struct ml_verifier *core, const struct side *side)
{
    const char *origin = core->fold.head.origin;
    bool by_log = false;
    if (!ml_span_equal(side->checkpoint.origin, ML_SPAN(origin, strlen(origin))))
        return 0;
    ML_TRY(ml_verify_log_signed(core, &side->note, &side->checkpoint, &by_log));
    return by_log;
}

/* 1: the records up to its size have another root; 0: the same, or they are not all here. */
static int differs(struct ml_verifier *core, const struct ml_checkpoint *checkpoint)
{
    uint8_t root[ML_HASH_SIZE];
    if (checkpoint->size > core->fold.head.size)
        return 0;
    int result = ml_verifier_root_at(core, checkpoint->size, root);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    ML_TRY(result);
    return memcmp(root, checkpoint->root, ML_HASH_SIZE) != 0;
}

/* 1: they cannot both be true, or one of them is not of these records, which authorise its key. */
static int cannot_be(struct ml_verifier *core, const struct pair *pair)
{
    const struct ml_checkpoint *first = &pair->sides[0].checkpoint,
                               *second = &pair->sides[1].checkpoint;
    if (first->size == second->size && memcmp(first->root, second->root, ML_HASH_SIZE) != 0)
        return 1;
    int result = differs(core, first);
    return result != 0 ? result : differs(core, second);
}

static int not_proven(struct ml_verifier *core, const char *path, const char *why)
{
    return ml_verify_report(core, ML_SEVERITY_NOT_PROVEN, "checkpoint-conflict", MLEDGER_NO_SEQ,
                            "'%s' is kept as a conflict, and %s", path, why);
}

static int judge(struct ml_verifier *core, const char *path, const struct pair *pair)
{
    const struct side *sides = pair->sides;
    for (int i = 0; i < 2; i++) {
        int by_log = is_of_log(core, &sides[i]);
        ML_TRY(by_log);
        if (!by_log)
            return not_proven(core, path, "one of the two was signed by no log key of this ledger");
    }
    int conflict = cannot_be(core, pair);
    ML_TRY(conflict);
    if (!conflict)
        return not_proven(core, path, "nothing here shows that the two cannot both be true");
    return ml_verify_report(core, ML_SEVERITY_FAULT, "checkpoint-conflict", MLEDGER_NO_SEQ,
                            "the log key has signed two histories: '%s' holds checkpoints over "
                            "%" PRIu64 " and %" PRIu64 " records that cannot both be true",
                            path, sides[0].checkpoint.size, sides[1].checkpoint.size);
}

static int check_file(struct ml_verifier *core, const char *path, struct ml_span text)
{
    ML_CLEANUP(pair_release) struct pair pair = {0};
    int result = open_pair(text, &pair);
    if (result == MLEDGER_EINVALID)
        return not_proven(core, path, mledger_error_text());
    ML_TRY(result);
    return judge(core, path, &pair);
}

int ml_verify_conflicts(struct ml_verify *verify)
{
    struct ml_verifier *core = &verify->core;
    const char *known_dir = verify->ledger->known_dir;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, text = {0};
    bool kept[ML_CONFLICTS_MAX + 1];
    if (!known_dir || core->fold.head.size == 0)
        return MLEDGER_OK;
    ML_TRY(ml_conflict_list(known_dir, core->fold.head.identity, kept));
    for (unsigned n = 1; n <= ML_CONFLICTS_MAX; n++) {
        if (!kept[n])
            continue;
        ml_buf_clear(&path);
        ml_buf_clear(&text);
        int result = ml_conflict_load(known_dir, core->fold.head.identity, n, &path, &text);
        const char *name = (const char *)path.data;
        ML_TRY(result < 0 ? not_proven(core, name, mledger_error_text())
                          : check_file(core, name, ml_buf_span(&text)));
    }
    return MLEDGER_OK;
}
