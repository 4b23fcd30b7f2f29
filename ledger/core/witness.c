/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/witness.h"

#include <inttypes.h>

#include "ledger/core/base64.h"

static int no_request(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "not a request to a witness: %s", what);
}

static int parse_old(struct ml_span *rest, uint64_t *ret_old)
{
    static const char word[] = "old ";
    const size_t len = sizeof word - 1;
    struct ml_span line;
    if (!ml_tlog_line(rest, &line) || line.len < len || memcmp(line.data, word, len) != 0 ||
        !ml_tlog_number(ML_SPAN(line.data + len, line.len - len), ret_old))
        return no_request("its first line is not 'old' and a size");
    return MLEDGER_OK;
}

static int parse_hashes(struct ml_span *rest, struct ml_witness_request *request)
{
    struct ml_span line;
    while (ml_tlog_line(rest, &line)) {
        if (line.len == 0)
            return MLEDGER_OK;
        if (request->count == ML_WITNESS_HASHES_MAX)
            return no_request("it has more than 63 hashes");
        if (ml_base64_decode((const char *)line.data, line.len, request->hashes[request->count],
                             ML_HASH_SIZE) < 0)
            return no_request("one of its lines is not a hash in base64");
        request->count++;
    }
    return no_request("no empty line ends its hashes");
}

int ml_witness_request_parse(struct ml_span bytes, struct ml_witness_request *ret_request)
{
    *ret_request = (struct ml_witness_request){0};
    if (bytes.len > ML_WITNESS_REQUEST_MAX)
        return no_request("it is too long");
    ML_TRY(parse_old(&bytes, &ret_request->old_size));
    ML_TRY(parse_hashes(&bytes, ret_request));
    ret_request->note_bytes = bytes;
    ML_TRY(ml_note_parse(bytes, &ret_request->note));
    return ml_checkpoint_parse_lines(ret_request->note.text, &ret_request->checkpoint);
}

void ml_witness_request_release(struct ml_witness_request *request)
{
    ml_note_release(&request->note);
    *request = (struct ml_witness_request){0};
}

int ml_witness_request_write(uint64_t old_size, const struct ml_merkle_proof *proof,
                             struct ml_span note, struct ml_buf *buf)
{
    if (proof->count > ML_WITNESS_HASHES_MAX)
        return ml_fail(MLEDGER_EUSAGE, "a witness takes at most 63 hashes of a proof");
    ML_TRY(ml_buf_printf(buf, "old %" PRIu64 "\n", old_size));
    for (size_t i = 0; i < proof->count; i++) {
        ML_TRY(ml_base64_append(buf, proof->hashes[i], ML_HASH_SIZE));
        ML_TRY(ml_buf_append_char(buf, '\n'));
    }
    ML_TRY(ml_buf_append_char(buf, '\n'));
    return ml_buf_append(buf, note.data, note.len);
}

static struct ml_witness_verdict verdict(enum ml_witness_status status, const char *reason)
{
    return (struct ml_witness_verdict){.status = status, .reason = reason};
}

static bool speaks_for(const struct ml_vkey *log, struct ml_span origin)
{
    return ml_span_equal(ML_SPAN(log->name, strlen(log->name)), origin);
}

int ml_witness_check_log(const struct ml_witness_request *request, const struct ml_vkey *logs,
                         size_t n_logs, struct ml_witness_verdict *ret_verdict)
{
    bool is_known = false, is_signed = false;
    for (size_t i = 0; i < n_logs; i++) {
        if (!speaks_for(&logs[i], request->checkpoint.origin))
            continue;
        is_known = true;
        if (!ml_note_names(&request->note, &logs[i]))
            continue;
        int result = ml_note_verify(&request->note, &logs[i], 1, NULL);
        if (result == MLEDGER_EINVALID) {
            *ret_verdict = verdict(ML_WITNESS_FORBIDDEN,
                                   "the log's signature on the checkpoint does not hold");
            return MLEDGER_OK;
        }
        ML_TRY(result);
        is_signed = true;
    }
    *ret_verdict = is_signed ? verdict(ML_WITNESS_COSIGN, "")
                   : is_known
                       ? verdict(ML_WITNESS_FORBIDDEN,
                                 "no key that is trusted for this origin signed the checkpoint")
                       : verdict(ML_WITNESS_UNKNOWN_LOG, "no log of this origin is witnessed here");
    return MLEDGER_OK;
}

static bool is_line_by(const struct ml_note_signature *signature, const struct ml_vkey *key)
{
    return speaks_for(key, signature->name) &&
           memcmp(signature->id.data, key->id, ML_NOTE_ID_SIZE) == 0;
}

int ml_witness_kept_note(const struct ml_witness_request *request, const struct ml_vkey *logs,
                         size_t n_logs, struct ml_buf *buf)
{
    const struct ml_note *note = &request->note;
    ML_TRY(ml_buf_append(buf, note->text.data, note->text.len));
    ML_TRY(ml_buf_append_char(buf, '\n'));
    for (size_t i = 0; i < note->count; i++)
        for (size_t k = 0; k < n_logs; k++)
            if (speaks_for(&logs[k], request->checkpoint.origin) &&
                is_line_by(&note->signatures[i], &logs[k]))
                ML_TRY(ml_buf_append(buf, note->signatures[i].line.data,
                                     note->signatures[i].line.len));
    return MLEDGER_OK;
}

/* From an empty tree everything goes on, and no proof is needed. */
static int check_from_nothing(const struct ml_witness_request *request, bool *ret_holds)
{
    uint8_t empty[ML_HASH_SIZE];
    ML_TRY(ml_sha256(empty, NULL, 0));
    *ret_holds =
        request->count == 0 && (request->checkpoint.size > 0 ||
                                memcmp(request->checkpoint.root, empty, ML_HASH_SIZE) == 0);
    return MLEDGER_OK;
}

static int check_proof(const struct ml_witness_request *request,
                       const struct ml_witness_known *known, bool *ret_holds)
{
    if (known->size == 0)
        return check_from_nothing(request, ret_holds);
    int result = ml_merkle_check_consistency(
        known->size, request->checkpoint.size, known->root, request->checkpoint.root,
        (const uint8_t(*)[ML_HASH_SIZE])request->hashes, request->count);
    if (result < 0 && result != MLEDGER_EINVALID)
        return result;
    *ret_holds = result >= 0;
    return MLEDGER_OK;
}

int ml_witness_check_growth(const struct ml_witness_request *request,
                            const struct ml_witness_known *known,
                            struct ml_witness_verdict *ret_verdict)
{
    bool holds = false;
    if (request->old_size > request->checkpoint.size) {
        *ret_verdict =
            verdict(ML_WITNESS_BAD_REQUEST, "the old size is above that of the checkpoint");
        return MLEDGER_OK;
    }
    if (request->old_size != known->size) {
        *ret_verdict = verdict(ML_WITNESS_CONFLICT, "another size was cosigned last");
        return MLEDGER_OK;
    }
    ML_TRY(check_proof(request, known, &holds));
    *ret_verdict = holds ? verdict(ML_WITNESS_COSIGN, "")
                         : verdict(ML_WITNESS_INCONSISTENT,
                                   "the checkpoint is not proven to go on from what was cosigned");
    return MLEDGER_OK;
}

int ml_witness_size_parse(struct ml_span body, uint64_t *ret_size)
{
    struct ml_span line;
    if (!ml_tlog_line(&body, &line) || body.len > 0 || !ml_tlog_number(line, ret_size))
        return ml_fail(MLEDGER_EINVALID, "the witness names no size that it knows");
    return MLEDGER_OK;
}

/* A note of its own of the text and these lines; *bytes and *ret_note are the caller's. */
static int note_of(struct ml_span text, struct ml_span lines, struct ml_buf *bytes,
                   struct ml_note *ret_note)
{
    *ret_note = (struct ml_note){0};
    ML_TRY(ml_buf_append(bytes, text.data, text.len));
    ML_TRY(ml_buf_append_char(bytes, '\n'));
    ML_TRY(ml_buf_append(bytes, lines.data, lines.len));
    ML_TRY(ml_note_parse(ml_buf_span(bytes), ret_note));
    if (!ml_span_equal(ret_note->text, text))
        return ml_fail(MLEDGER_EINVALID, "what follows the text is more than signatures");
    return MLEDGER_OK;
}

static int is_line_of(struct ml_span text, struct ml_span line, const struct ml_vkey *witness,
                      bool *ret_is, int64_t *ret_time)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_note_seal seal;
    ML_TRY(note_of(text, line, &bytes, &note));
    *ret_is = ml_note_names(&note, witness);
    if (!*ret_is)
        return MLEDGER_OK;
    ML_TRY(ml_note_verify(&note, witness, 1, &seal));
    if (seal.time <= 0)
        return ml_fail(MLEDGER_EINVALID, "the cosignature of '%s' has no time", witness->name);
    *ret_time = seal.time;
    return MLEDGER_OK;
}

/* The witness's newest line; all of its lines must hold. */
static int find_line(const struct ml_note *answer, const struct ml_vkey *witness,
                     struct ml_span *ret_line)
{
    int64_t newest = 0;
    for (size_t i = 0; i < answer->count; i++) {
        bool is;
        int64_t time;
        ML_TRY(is_line_of(answer->text, answer->signatures[i].line, witness, &is, &time));
        if (!is || time <= newest)
            continue;
        newest = time;
        *ret_line = answer->signatures[i].line;
    }
    if (newest == 0)
        return ml_fail(MLEDGER_EINVALID, "the answer has no cosignature of '%s'", witness->name);
    return MLEDGER_OK;
}

/* The note's own lines without those of the witness, whether they hold or not. */
static int append_others(const struct ml_note *note, const struct ml_vkey *witness,
                         struct ml_buf *lines)
{
    for (size_t i = 0; i < note->count; i++) {
        const struct ml_note_signature *signature = &note->signatures[i];
        if (is_line_by(signature, witness))
            continue;
        ML_TRY(ml_buf_append(lines, signature->line.data, signature->line.len));
    }
    return MLEDGER_OK;
}

int ml_witness_answer_apply(struct ml_span body, const struct ml_vkey *witness, struct ml_buf *note)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf answer_bytes = {0}, lines = {0}, cosigned = {0};
    ML_CLEANUP(ml_note_release) struct ml_note before = {0};
    ML_CLEANUP(ml_note_release) struct ml_note answer = {0};
    ML_CLEANUP(ml_note_release) struct ml_note after = {0};
    struct ml_span line = {0};
    if (body.len > ML_WITNESS_ANSWER_MAX)
        return ml_fail(MLEDGER_EINVALID, "the answer of '%s' is too long", witness->name);
    ML_TRY(ml_note_parse(ml_buf_span(note), &before));
    if (note_of(before.text, body, &answer_bytes, &answer) < 0)
        return ml_prefix("the answer of '%s'", witness->name);
    ML_TRY(find_line(&answer, witness, &line));
    ML_TRY(append_others(&before, witness, &lines));
    ML_TRY(ml_buf_append(&lines, line.data, line.len));
    ML_TRY(note_of(before.text, ml_buf_span(&lines), &cosigned, &after));
    struct ml_buf old = *note;
    *note = cosigned;
    cosigned = old;
    return MLEDGER_OK;
}
