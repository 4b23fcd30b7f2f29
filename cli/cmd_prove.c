/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs to give to others: that a record is in a signed tree, that one tree begins another. */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/outfile.h"
#include "cli/prove_check.h"
#include "cli/remote.h"
#include "ledger/core/consistency.h"
#include "ledger/core/tlog_proof.h"
#include "ledger/store/tree.h"

struct prove {
    struct ml_session session;
    struct ml_arena arena;
    struct ml_buf note; /* of the checkpoint that is proven against */
    struct ml_buf text; /* the proof */
};

static void prove_release(struct prove *prove)
{
    ml_arena_release(&prove->arena);
    ml_buf_release(&prove->note);
    ml_buf_release(&prove->text);
    ml_session_release(&prove->session);
}

static int number_of(const char *what, const char *text, uint64_t *ret_number)
{
    const char *digits = text[0] == '#' ? text + 1 : text;
    if (ml_tlog_number(ML_SPAN(digits, strlen(digits)), ret_number))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "%s must be a number, not '%s'", what, text);
}

static int print(struct prove *prove, const char *what, json_t *json)
{
    const struct ml_invocation *invocation = prove->session.invocation;
    const char *path = ml_option_text(invocation, "output", NULL);
    bool file = path && strcmp(path, "-") != 0;
    int result = MLEDGER_OK;
    if (!json)
        return ml_fail_memory();
    if (file || !invocation->json)
        result = ml_outfile_put(path, ml_buf_span(&prove->text), prove->session.out);
    if (result >= 0 && invocation->json)
        ml_output_json(prove->session.out, json);
    else if (result >= 0 && file)
        ml_output_line(prove->session.out, ML_ROLE_PLAIN, "%s written to %s", what, path);
    json_decref(json);
    return result;
}

/* The checkpoint. */

static int note_of_file(struct prove *prove, const char *path)
{
    struct ml_read_checkpoint read;
    int result = ml_read_checkpoint_file(path, &read);
    if (result >= 0)
        result = ml_buf_append(&prove->note, read.bytes.data, read.bytes.len);
    ml_read_checkpoint_release(&read);
    return result;
}

/* MLEDGER_ENOTFOUND: no record notes one that covers `seq`. */
static int note_of_ledger(struct prove *prove, struct ml_view *view, uint64_t seq)
{
    struct ml_noted_checkpoint noted;
    ML_TRY(ml_checkpoint_covering(view, seq, &prove->arena, &noted));
    return ml_buf_append(&prove->note, noted.event->note.data, noted.event->note.len);
}

/* None covers the record yet: the ledger is opened anew, to write, and one is made. */
static int make_note(struct prove *prove, uint64_t seq)
{
    ML_CLEANUP(ml_kept_checkpoint_release) struct ml_kept_checkpoint kept = {0};
    const struct ml_invocation *invocation = prove->session.invocation;
    struct ml_output *out = prove->session.out;
    struct ml_checkpointing checkpointing;
    ml_session_release(&prove->session);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &prove->session));
    if (ml_checkpointing_init(&prove->session, true, &checkpointing) < 0) {
        ml_prefix("no checkpoint covers record %" PRIu64 " yet, and none can be made here", seq);
        return ml_hint("mledger checkpoint, by who holds the log key");
    }
    ML_TRY(ml_checkpointing_take(&prove->session, &checkpointing, &kept));
    return ml_buf_append(&prove->note, kept.made.note.data, kept.made.note.len);
}

static int no_record(const struct ml_view *view, uint64_t seq)
{
    return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64, seq,
                   view->head.size - 1);
}

static int find_note(struct prove *prove, uint64_t seq)
{
    const char *file = ml_option_text(prove->session.invocation, "checkpoint", NULL);
    struct ml_view view;
    if (file)
        return note_of_file(prove, file);
    ML_TRY(ml_view_begin(prove->session.ledger, &view));
    int result = seq < view.head.size ? note_of_ledger(prove, &view, seq) : no_record(&view, seq);
    bool none = result == MLEDGER_ENOTFOUND && seq < view.head.size;
    ml_view_end(&view);
    return none ? make_note(prove, seq) : result;
}

/* That a record is in a tree. */

static int check_root(struct ml_view *view, const struct ml_checkpoint *checkpoint, const char *of)
{
    uint8_t root[ML_HASH_SIZE];
    if (checkpoint->size > view->head.size)
        return ml_fail(MLEDGER_ENOTFOUND, "%s is over %" PRIu64 " records, and there are %" PRIu64,
                       of, checkpoint->size, view->head.size);
    ML_TRY(ml_tree_root(view->txn, checkpoint->size, root));
    if (memcmp(root, checkpoint->root, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    (void)ml_fail(MLEDGER_ENOTFOUND,
                  "there is no proof: the first %" PRIu64 " records have another root than %s says",
                  checkpoint->size, of);
    return ml_hint("mledger checkpoint compare; mledger verify");
}

static int write_inclusion(struct prove *prove, struct ml_view *view, uint64_t seq)
{
    struct ml_record record;
    struct ml_merkle_proof path;
    struct ml_read_checkpoint read;
    ML_CLEANUP(ml_buf_release) struct ml_buf entry = {0};
    ml_arena_clear(&prove->arena);
    if (seq >= view->head.size)
        return no_record(view, seq);
    ML_TRY(ml_view_record(view, seq, &prove->arena, &record));
    ML_TRY(ml_buf_append(&entry, record.stored->signature.data, record.stored->signature.len));
    ML_TRY(ml_buf_append(&entry, record.header_bytes.data, record.header_bytes.len));
    int result = ml_read_checkpoint_bytes("the checkpoint", ml_buf_span(&prove->note), &read);
    if (result >= 0)
        result = check_root(view, &read.checkpoint, "the checkpoint");
    if (result >= 0 && seq >= read.checkpoint.size)
        result = ml_fail(MLEDGER_ENOTFOUND, "the checkpoint does not cover record %" PRIu64, seq);
    if (result >= 0)
        result = ml_merkle_inclusion(seq, read.checkpoint.size, ml_tree_node, view->txn, &path);
    ml_read_checkpoint_release(&read);
    ML_TRY(result);
    return ml_tlog_proof_write(ml_buf_span(&entry), seq, &path, ml_buf_span(&prove->note),
                               &prove->text);
}

/* A proof that does not hold came from a stored tree that is damaged further in. */
static int check_own(const struct prove *prove)
{
    struct ml_tlog_proof proof;
    uint8_t leaf[ML_HASH_SIZE];
    int result = ml_tlog_proof_parse(ml_buf_span(&prove->text), &proof);
    if (result >= 0)
        result = ml_merkle_leaf_hash(ml_buf_span(&proof.extra), leaf);
    if (result >= 0)
        result = ml_tlog_proof_check(&proof, leaf);
    ml_tlog_proof_release(&proof);
    if (result != MLEDGER_EINVALID)
        return result;
    (void)ml_fail(MLEDGER_EDAMAGED, "the stored tree is damaged: what it proves does not hold");
    return ml_hint("mledger verify, then mledger reindex");
}

static int print_record_proof(struct prove *prove, uint64_t seq)
{
    char what[64];
    snprintf(what, sizeof what, "proof of record #%" PRIu64, seq);
    return print(prove, what,
                 json_pack("{s:I, s:s%}", "seq", (json_int_t)seq, "proof", prove->text.data,
                           prove->text.len));
}

static int prove_record(struct prove *prove, uint64_t seq)
{
    struct ml_view view;
    ML_TRY(find_note(prove, seq));
    ML_TRY(ml_view_begin(prove->session.ledger, &view));
    int result = write_inclusion(prove, &view, seq);
    ml_view_end(&view);
    ML_TRY(result);
    ML_TRY(check_own(prove));
    return print_record_proof(prove, seq);
}

/* That one tree begins another. */

/* A size, or a checkpoint's file, whose root must be the ledger's. */
static int read_tree(struct ml_view *view, const char *text, struct ml_consistency_tree *ret_tree)
{
    struct ml_read_checkpoint read;
    if (text && strspn(text, "0123456789") != strlen(text)) {
        int result = ml_read_checkpoint_file(text, &read);
        if (result >= 0)
            result = check_root(view, &read.checkpoint, text);
        ret_tree->size = read.checkpoint.size;
        ml_read_checkpoint_release(&read);
        ML_TRY(result);
    } else {
        ret_tree->size = view->head.size;
        if (text)
            ML_TRY(number_of("a size", text, &ret_tree->size));
    }
    if (ret_tree->size == 0)
        return ml_fail(MLEDGER_EUSAGE, "everything begins with no records: there is nothing to "
                                       "prove");
    if (ret_tree->size > view->head.size)
        return ml_fail(MLEDGER_ENOTFOUND, "there are %" PRIu64 " records, not %" PRIu64,
                       view->head.size, ret_tree->size);
    return ml_tree_root(view->txn, ret_tree->size, ret_tree->root);
}

static int write_consistency(struct prove *prove, struct ml_view *view,
                             struct ml_consistency *proof)
{
    const struct ml_invocation *invocation = prove->session.invocation;
    ML_TRY(read_tree(view, ml_argument_at(invocation, "SEQ|CHECKPOINT", 0), &proof->before));
    ML_TRY(read_tree(view, ml_argument_at(invocation, "SEQ|CHECKPOINT", 1), &proof->after));
    if (proof->before.size > proof->after.size)
        return ml_fail(MLEDGER_EUSAGE,
                       "%" PRIu64 " records do not begin with %" PRIu64
                       ": give the smaller tree first",
                       proof->after.size, proof->before.size);
    ML_TRY(ml_merkle_consistency(proof->before.size, proof->after.size, ml_tree_node, view->txn,
                                 &proof->path));
    if (ml_consistency_check(proof) < 0) {
        (void)ml_fail(MLEDGER_EDAMAGED, "the stored tree is damaged: what it proves does not hold");
        return ml_hint("mledger verify, then mledger reindex");
    }
    return ml_consistency_write(proof, &prove->text);
}

static int print_consistency(struct prove *prove, const struct ml_consistency *proof)
{
    char what[96];
    snprintf(what, sizeof what, "proof that %" PRIu64 " records begin with %" PRIu64,
             proof->after.size, proof->before.size);
    return print(prove, what,
                 json_pack("{s:I, s:I, s:s%}", "old", (json_int_t)proof->before.size, "new",
                           (json_int_t)proof->after.size, "proof", prove->text.data,
                           prove->text.len));
}

static int prove_consistency(struct prove *prove)
{
    struct ml_view view;
    struct ml_consistency proof = {0};
    ML_TRY(ml_view_begin(prove->session.ledger, &view));
    int result = write_consistency(prove, &view, &proof);
    ml_view_end(&view);
    ML_TRY(result);
    return print_consistency(prove, &proof);
}

static int check_usage(const struct ml_invocation *invocation)
{
    size_t count = ml_argument_count(invocation, "SEQ|CHECKPOINT");
    bool check = ml_option_given(invocation, "check");
    bool consistency = ml_option_given(invocation, "consistency");
    if (check && (consistency || count > 0))
        return ml_fail(MLEDGER_EUSAGE, "--check takes a proof, and nothing is made beside it");
    if (!check && count == 0)
        return ml_fail(MLEDGER_EUSAGE, consistency ? "of which size, or which checkpoint?"
                                                   : "which record, by its number?");
    if (!check && !consistency && count > 1)
        return ml_fail(MLEDGER_EUSAGE, "one record at a time; two trees: --consistency");
    return MLEDGER_OK;
}

/* ---- of a server's ledger ---- */

static int prove_remote(struct prove *prove, struct ml_remote *remote, uint64_t seq)
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record proof;
    ML_TRY(ml_trust_checkpoint(&remote->trust, seq));
    ML_TRY(ml_trust_record(&remote->trust, seq, &proof, NULL));
    return ml_trust_proof(&remote->trust, &proof, &prove->text);
}

/* The smaller tree, a size or a checkpoint's file; *ret_known: what its root must be is known. */
static int remote_tree(const char *text, struct ml_consistency_tree *ret_tree, bool *ret_known)
{
    struct ml_read_checkpoint read;
    *ret_known = strspn(text, "0123456789") != strlen(text);
    if (!*ret_known)
        return number_of("a size", text, &ret_tree->size);
    const int result = ml_read_checkpoint_file(text, &read);
    ret_tree->size = read.checkpoint.size;
    memcpy(ret_tree->root, read.checkpoint.root, ML_HASH_SIZE);
    ml_read_checkpoint_release(&read);
    return result;
}

/* That the tree under the newest checkpoint, which is trusted, begins so. The server's proof is
 * taken only if it holds. */
static int consistency_remote(struct prove *prove, struct ml_remote *remote, const char *text)
{
    struct ml_consistency_tree before;
    struct ml_consistency proof;
    struct ml_api_ask ask;
    bool known;
    ML_TRY(remote_tree(text, &before, &known));
    ml_api_ask(remote->client, &ask, "proof/consistency");
    ml_api_ask_number(&ask, "old_size", before.size);
    ml_api_ask_number(&ask, "new_size", remote->trust.checkpoint.size);
    ML_TRY(ml_api_get(remote->client, &ask, &prove->text));
    if (ml_consistency_parse(ml_buf_span(&prove->text), &proof) < 0 ||
        ml_consistency_check(&proof) < 0 || proof.before.size != before.size ||
        proof.after.size != remote->trust.checkpoint.size ||
        memcmp(proof.after.root, remote->trust.checkpoint.root, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EDAMAGED,
                       "the server does not show that its %" PRIu64 " records begin with %" PRIu64,
                       remote->trust.checkpoint.size, before.size);
    if (known && memcmp(proof.before.root, before.root, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EDAMAGED,
                       "the server's ledger began otherwise: '%s' is of another tree of %" PRIu64
                       " records",
                       text, before.size);
    return print_consistency(prove, &proof);
}

static int check_remote(const struct ml_invocation *invocation)
{
    if (ml_option_given(invocation, "checkpoint"))
        return ml_fail(MLEDGER_EUSAGE,
                       "of a server's ledger a record is proven against its newest checkpoint");
    if (ml_option_given(invocation, "consistency") &&
        ml_argument_count(invocation, "SEQ|CHECKPOINT") > 1)
        return ml_fail(MLEDGER_EUSAGE, "of a server's ledger the larger tree is that under its "
                                       "newest checkpoint: name the smaller one alone");
    return MLEDGER_OK;
}

static int run_remote(const struct ml_invocation *invocation, struct ml_output *out,
                      struct prove *prove)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    const char *text = ml_argument(invocation, "SEQ|CHECKPOINT");
    uint64_t seq;
    ML_TRY(check_remote(invocation));
    ML_TRY(ml_session_open_keys(invocation, out, &prove->session));
    if (ml_option_given(invocation, "consistency")) {
        ML_TRY(ml_remote_open_covered(invocation, out, &remote));
        return consistency_remote(prove, &remote, text);
    }
    ML_TRY(number_of("a record's number", text, &seq));
    ML_TRY(ml_remote_open(invocation, out, &remote));
    ML_TRY(prove_remote(prove, &remote, seq));
    return print_record_proof(prove, seq);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(prove_release) struct prove prove = {0};
    uint64_t seq = 0;
    bool consistency = ml_option_given(invocation, "consistency");
    ml_arena_init(&prove.arena, SIZE_MAX / 2);
    ML_TRY(check_usage(invocation));
    if (ml_option_given(invocation, "check"))
        return ml_prove_check(invocation, out);
    if (ml_remote_is(invocation))
        return run_remote(invocation, out, &prove);
    if (!consistency)
        ML_TRY(number_of("a record's number", ml_argument(invocation, "SEQ|CHECKPOINT"), &seq));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &prove.session));
    return consistency ? prove_consistency(&prove) : prove_record(&prove, seq);
}

const struct ml_command ml_command_prove = {
    .name = "prove",
    .summary = "Write a proof that others can check without the ledger",
    .description =
        (const char *const[]){
            "Of a record: that it stands in the tree that a checkpoint signs, as a C2SP tlog-proof "
            "with the record's signature and header in it; nothing of its payload is shown. The "
            "newest checkpoint that covers the record and that the ledger notes is used; if there "
            "is none, one is made, with the log key among yours.",
            "With --consistency: that the tree of the first records begins the larger one, so that "
            "nothing in it was changed since. Each tree is a number of records or a checkpoint's "
            "file; the second is the ledger as it stands, unless given.",
            "With --ledger URL the proof comes from a server, and is checked before it is written; "
            "the larger tree is that under its newest checkpoint.",
            "With --check: checks a proof of either kind. It needs no ledger if --vkey names the "
            "log.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "SEQ|CHECKPOINT",
                                               .min = 0,
                                               .max = 2,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "A record's number; with --consistency "
                                                       "the smaller and the larger tree."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "consistency", .help = "Prove that one tree is the beginning of another."},
            {.name = "check",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Check this proof."},
            ML_OPTION_VKEY,
            {.name = "checkpoint",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Prove against this checkpoint."},
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write the proof to this file."},
            ML_OPTION_LOG_KEY,
            ML_OPTIONS_SIGNING,
            ML_OPTIONS_REMOTE_BUT_VKEY,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger prove 36 -o 36.tlog-proof", "Prove that record 36 is in the ledger."},
            {"mledger prove --check 36.tlog-proof --vkey VKEY", "Check it, anywhere."},
            {"mledger prove --consistency last-year.checkpoint -o since.proof",
             "Prove that nothing was changed under a checkpoint."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "There is no such record; or no proof, since the checkpoint is of another tree; "
                "with --check: it is not proven."},
            {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .remote = true,
    .run = run,
};
