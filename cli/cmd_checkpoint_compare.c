/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds two signed checkpoints against each other. Two that one log key has signed and that cannot
 * both be true prove that different histories were shown.
 */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/outfile.h"
#include "ledger/core/consistency.h"
#include "ledger/store/conflict.h"
#include "ledger/store/durable.h"
#include "ledger/store/tree.h"

enum verdict {
    SAME,       /* one tree */
    CONSISTENT, /* the smaller is the beginning of the larger */
    CONFLICT,   /* they cannot both be true */
    FOREIGN,    /* the ledger's records give another root than the larger says */
    NOT_SHOWN,  /* nothing at hand tells */
};

struct compare {
    struct ml_session session;
    struct ml_read_checkpoint first, second;    /* as given */
    const struct ml_read_checkpoint *old, *new; /* by size */
    struct ml_buf evidence;                     /* that both came from, else empty */
    enum verdict verdict;
    const char *why; /* NOT_SHOWN */
    char *kept;      /* file of the evidence */
};

static void compare_release(struct compare *compare)
{
    ml_read_checkpoint_release(&compare->first);
    ml_read_checkpoint_release(&compare->second);
    ml_buf_release(&compare->evidence);
    free(compare->kept);
    ml_session_release(&compare->session);
}

/* One file holds both where an earlier conflict was kept. */
static int read_evidence(struct compare *compare, const char *path)
{
    struct ml_span first, second;
    int result = ml_durable_read(path, "evidence", 2 * ML_NOTE_MAX + 256, &compare->evidence);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
    ML_TRY(result);
    if (ml_conflict_read(ml_buf_span(&compare->evidence), &first, &second) < 0)
        return ml_prefix("'%s'", path);
    ML_TRY(ml_read_checkpoint_bytes("the first checkpoint", first, &compare->first));
    return ml_read_checkpoint_bytes("the second checkpoint", second, &compare->second);
}

static int read_both(struct compare *compare)
{
    const struct ml_invocation *invocation = compare->session.invocation;
    const char *second = ml_argument_at(invocation, "FILE", 1);
    if (!second)
        return read_evidence(compare, ml_argument(invocation, "FILE"));
    ML_TRY(ml_read_checkpoint_file(ml_argument(invocation, "FILE"), &compare->first));
    return ml_read_checkpoint_file(second, &compare->second);
}

static int check_signed(const struct ml_read_checkpoint *read, const struct ml_vkey *vkeys,
                        size_t count)
{
    if (ml_checkpoint_is_signed(&read->checkpoint, &read->note, vkeys, count) < 0)
        return ml_prefix("'%s'", read->name);
    return MLEDGER_OK;
}

/* Unsigned, a checkpoint proves nothing of anybody. */
static int check_both_signed(struct compare *compare)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = NULL;
    size_t count;
    ML_TRY(ml_log_vkeys(&compare->session, &vkeys, &count));
    ML_TRY(check_signed(&compare->first, vkeys, count));
    ML_TRY(check_signed(&compare->second, vkeys, count));
    if (!ml_span_equal(compare->first.checkpoint.origin, compare->second.checkpoint.origin))
        return ml_fail(MLEDGER_EINVALID, "the two are checkpoints of different logs");
    return MLEDGER_OK;
}

static bool is_tree(const struct ml_consistency_tree *tree, const struct ml_checkpoint *checkpoint)
{
    return tree->size == checkpoint->size &&
           memcmp(tree->root, checkpoint->root, ML_HASH_SIZE) == 0;
}

/* A proof that holds, of another beginning of the larger tree, shows that they conflict: whoever
 * signed the larger has signed that beginning. */
static int judge_proof(struct compare *compare, const struct ml_consistency *proof)
{
    compare->verdict = NOT_SHOWN;
    compare->why = "the proof is of other trees";
    if (proof->before.size != compare->old->checkpoint.size ||
        !is_tree(&proof->after, &compare->new->checkpoint))
        return MLEDGER_OK;
    compare->why = "the proof does not hold";
    int result = ml_consistency_check(proof);
    if (result == MLEDGER_EINVALID) {
        ml_error_clear();
        return MLEDGER_OK;
    }
    ML_TRY(result);
    compare->verdict = is_tree(&proof->before, &compare->old->checkpoint) ? CONSISTENT : CONFLICT;
    return MLEDGER_OK;
}

static int compare_by_proof(struct compare *compare, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_consistency proof;
    int result = ml_durable_read(path, "proof", ML_CONSISTENCY_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
    ML_TRY(result);
    if (ml_consistency_parse(ml_buf_span(&text), &proof) < 0)
        return ml_prefix("'%s'", path);
    return judge_proof(compare, &proof);
}

/* 1: the ledger's tree of that size has that root; 0: another. */
static int is_of_ledger(struct ml_view *view, const struct ml_checkpoint *checkpoint)
{
    uint8_t root[ML_HASH_SIZE];
    ML_TRY(ml_tree_root(view->txn, checkpoint->size, root));
    return memcmp(root, checkpoint->root, ML_HASH_SIZE) == 0;
}

static int compare_in_view(struct compare *compare, struct ml_view *view)
{
    const struct ml_checkpoint *old = &compare->old->checkpoint, *new = &compare->new->checkpoint;
    compare->verdict = NOT_SHOWN;
    compare->why = "the ledger at hand has fewer records than the larger covers";
    if (view->head.size < new->size)
        return MLEDGER_OK;
    int new_holds = is_of_ledger(view, new);
    ML_TRY(new_holds);
    int old_holds = is_of_ledger(view, old);
    ML_TRY(old_holds);
    /* Whoever signed the larger has signed its beginning, which is the ledger's. */
    compare->verdict = !new_holds ? FOREIGN : old_holds ? CONSISTENT : CONFLICT;
    return MLEDGER_OK;
}

static int compare_by_ledger(struct compare *compare)
{
    struct ml_view view;
    compare->verdict = NOT_SHOWN;
    compare->why = "neither a ledger nor a proof of consistency is at hand";
    if (!compare->session.ledger)
        return MLEDGER_OK;
    ML_TRY(ml_view_begin(compare->session.ledger, &view));
    int result = compare_in_view(compare, &view);
    ml_view_end(&view);
    return result;
}

static int find_verdict(struct compare *compare)
{
    const struct ml_checkpoint *first = &compare->first.checkpoint,
                               *second = &compare->second.checkpoint;
    const char *proof = ml_option_text(compare->session.invocation, "proof", NULL);
    bool swapped = first->size > second->size;
    compare->old = swapped ? &compare->second : &compare->first;
    compare->new = swapped ? &compare->first : &compare->second;
    if (first->size == second->size) {
        bool same = memcmp(first->root, second->root, ML_HASH_SIZE) == 0;
        compare->verdict = same ? SAME : CONFLICT;
        return MLEDGER_OK;
    }
    if (compare->old->checkpoint.size == 0) { /* everything begins with nothing */
        compare->verdict = CONSISTENT;
        return MLEDGER_OK;
    }
    return proof ? compare_by_proof(compare, proof) : compare_by_ledger(compare);
}

/* Both, for this user and, if asked, in a file to give to others. */
static int keep_evidence(struct compare *compare)
{
    const struct ml_session *session = &compare->session;
    const char *path = ml_option_text(session->invocation, "output", NULL);
    struct ml_span first = ml_buf_span(&compare->first.bytes),
                   second = ml_buf_span(&compare->second.bytes);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_head head;
    if (session->ledger) {
        ML_TRY(ml_ledger_head(session->ledger, &head));
        ML_TRY(ml_conflict_keep(session->known_dir, head.identity, first, second, &compare->kept));
    }
    if (!path)
        return MLEDGER_OK;
    ML_TRY(ml_conflict_write(first, second, &text));
    return ml_outfile_put(path, ml_buf_span(&text), session->out);
}

static const char *const verdict_words[] = {[SAME] = "same",
                                            [CONSISTENT] = "consistent",
                                            [CONFLICT] = "conflict",
                                            [FOREIGN] = "foreign",
                                            [NOT_SHOWN] = "not shown"};

static int print_json(const struct compare *compare)
{
    json_t *first, *second;
    ML_TRY(ml_checkpoint_to_json(ml_buf_span(&compare->first.bytes), &first));
    if (ml_checkpoint_to_json(ml_buf_span(&compare->second.bytes), &second) < 0) {
        json_decref(first);
        return ml_failed();
    }
    json_t *json =
        json_pack("{s:s, s:s*, s:s*, s:o, s:o}", "verdict", verdict_words[compare->verdict], "why",
                  compare->verdict == NOT_SHOWN ? compare->why : NULL, "evidence", compare->kept,
                  "first", first, "second", second);
    if (!json)
        return ml_fail_memory();
    ml_output_json(compare->session.out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static void print(const struct compare *compare)
{
    struct ml_output *out = compare->session.out;
    char old[ML_HUMAN_SIZE], new[ML_HUMAN_SIZE];
    ml_human_count(old, compare->old->checkpoint.size);
    ml_human_count(new, compare->new->checkpoint.size);
    switch (compare->verdict) {
    case SAME:
        ml_output_line(out, ML_ROLE_GOOD, "the same tree of %s records", old);
        return;
    case CONSISTENT:
        ml_output_line(out, ML_ROLE_GOOD, "consistent: the first %s of %s records are the same",
                       old, new);
        return;
    case CONFLICT:
        if (compare->old->checkpoint.size == compare->new->checkpoint.size)
            ml_output_line(out, ML_ROLE_BAD,
                           "CONFLICT: the log key has signed two different trees of %s records",
                           old);
        else
            ml_output_line(out, ML_ROLE_BAD,
                           "CONFLICT: the tree of %s records does not begin with the tree of %s "
                           "that the log key has signed too",
                           new, old);
        break;
    case FOREIGN:
        ml_output_line(out, ML_ROLE_BAD,
                       "'%s' is no checkpoint of the ledger at hand, whose records give another "
                       "root",
                       compare->new->name);
        return;
    case NOT_SHOWN:
        ml_output_line(out, ML_ROLE_WARN, "not shown to be consistent: %s", compare->why);
        return;
    }
    if (compare->kept)
        ml_output_line(out, ML_ROLE_PLAIN, "both are kept in %s", compare->kept);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(compare_release) struct compare compare = {0};
    ML_TRY(ml_session_open_if_any(invocation, out, &compare.session));
    ML_TRY(read_both(&compare));
    ML_TRY(check_both_signed(&compare));
    ML_TRY(find_verdict(&compare));
    if (compare.verdict == CONFLICT)
        ML_TRY(keep_evidence(&compare));
    if (invocation->json)
        ML_TRY(print_json(&compare));
    else
        print(&compare);
    return compare.verdict == SAME || compare.verdict == CONSISTENT ? MLEDGER_OK : ML_ANSWER_NO;
}

const struct ml_command ml_command_checkpoint_compare = {
    .name = "checkpoint compare",
    .summary = "Tell whether two checkpoints can both be true",
    .description =
        (const char *const[]){
            "Both must be signed by a log key of the ledger at hand, or by a key that --vkey "
            "names. Of one size they must have one root. Of different sizes the ledger at hand, or "
            "a proof of consistency, shows whether the smaller is the beginning of the larger.",
            "Two that cannot both be true prove that different histories were shown: both are "
            "kept beside what is known of the ledger, and -o writes them into one file to give to "
            "others, who can check it: mledger checkpoint compare FILE --vkey VKEY.",
            NULL},
    .arguments =
        (const struct ml_argument[]){{.name = "FILE",
                                      .min = 1,
                                      .max = 2,
                                      .rule = {.kind = ML_VALUE_FILE},
                                      .help = "Two signed checkpoints; or one file that holds two "
                                              "that conflict."},
                                     {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "proof",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "A proof of consistency, made by 'mledger prove --consistency'."},
            ML_OPTION_VKEY,
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Where they conflict, write both into this file, as evidence."},
            {.name = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {0, "They are the same, or one is the beginning of the other."},
            {1, "They conflict; or one is not of this ledger; or nothing at hand shows that they "
                "are consistent."},
            {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
