/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/cosign.h"

#include <inttypes.h>
#include <stdio.h>

#include "ingest/http.h"
#include "ledger/core/witness.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/tree.h"

enum { LOOKED_BACK = 16, SAID_MAX = 200 };

/* A checkpoint on its way to the witnesses. */
struct cosigning {
    struct ml_ledger *ledger;
    struct ml_http_client *client;
    struct ml_checkpoint checkpoint; /* of parsed */
    struct ml_note parsed;           /* the note before */
    struct ml_buf original;          /* its bytes */
    struct ml_buf *note;             /* with what came so far */
};

static void cosigning_release(struct cosigning *cosigning)
{
    ml_http_client_free(cosigning->client);
    ml_note_release(&cosigning->parsed);
    ml_buf_release(&cosigning->original);
}

static int begin(struct ml_ledger *ledger, struct ml_buf *note, struct cosigning *cosigning)
{
    const struct ml_http_options options = {.timeout_ms = ML_COSIGN_TIMEOUT_MS,
                                            .response_max = ML_WITNESS_ANSWER_MAX,
                                            .environment_proxy = true};
    cosigning->ledger = ledger;
    cosigning->note = note;
    ML_TRY(ml_http_client_new(&options, &cosigning->client));
    ML_TRY(ml_buf_append(&cosigning->original, note->data, note->len));
    return ml_checkpoint_open(ml_buf_span(&cosigning->original), &cosigning->parsed,
                              &cosigning->checkpoint);
}

/* Whether the noted checkpoint bears a cosignature of the witness. */
static int bears(const Mledger__CheckpointNoted *noted, const struct ml_vkey *witness)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    int result = ml_note_parse(ML_SPAN(noted->note.data, noted->note.len), &note);
    if (result == MLEDGER_EINVALID)
        return 0; /* verify's to say */
    ML_TRY(result);
    return ml_note_names(&note, witness);
}

/* The size that the witness cosigned last, as far as the newest noted checkpoints tell; 0: they do
 * not. It need not be right: the witness knows. */
static int last_cosigned(struct ml_view *view, const struct ml_vkey *witness, uint64_t *ret_size)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, (size_t)16 << 20);
    uint64_t up_to = MLEDGER_NO_SEQ;
    *ret_size = 0;
    for (unsigned i = 0; i < LOOKED_BACK; i++) {
        struct ml_noted_checkpoint noted;
        int result = ml_checkpoint_noted(view, up_to, &arena, &noted);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        result = bears(noted.event, witness);
        ML_TRY(result);
        if (result > 0) {
            *ret_size = noted.event->size;
            return MLEDGER_OK;
        }
        if (noted.seq == 0)
            return MLEDGER_OK;
        up_to = noted.seq - 1;
    }
    return MLEDGER_OK;
}

static int guess_old(struct cosigning *cosigning, const struct ml_vkey *witness, uint64_t *ret_old)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(cosigning->ledger, &view));
    int result = last_cosigned(&view, witness, ret_old);
    ml_view_end(&view);
    if (result >= 0 && *ret_old > cosigning->checkpoint.size)
        *ret_old = 0;
    return result;
}

/* The request to a witness that knows `old` records. No view is open while it is under way. */
static int write_body(struct cosigning *cosigning, uint64_t old, struct ml_buf *body)
{
    struct ml_view view;
    struct ml_merkle_proof proof = {0};
    if (old > 0) {
        ML_TRY(ml_view_begin(cosigning->ledger, &view));
        int result =
            ml_merkle_consistency(old, cosigning->checkpoint.size, ml_tree_node, view.txn, &proof);
        ml_view_end(&view);
        ML_TRY(result);
    }
    return ml_witness_request_write(old, &proof, ml_buf_span(&cosigning->original), body);
}

static int write_url(const char *prefix, struct ml_buf *url)
{
    size_t len = strlen(prefix);
    while (len > 0 && prefix[len - 1] == '/')
        len--;
    ML_TRY(ml_buf_append(url, prefix, len));
    ML_TRY(ml_buf_append_text(url, ML_WITNESS_PATH));
    return ml_buf_append_char(url, '\0');
}

/* The size that a 409 names; false where it names none. */
static bool conflict_size(const struct ml_http_response *response, uint64_t *ret_size)
{
    const char type[] = ML_WITNESS_SIZE_TYPE;
    if (response->status != ML_WITNESS_CONFLICT ||
        strncmp(response->content_type, type, sizeof type - 1) != 0 ||
        ml_witness_size_parse(ml_buf_span(&response->body), ret_size) < 0)
        return false;
    return true;
}

static void contradict(struct cosigning *cosigning, uint64_t size, struct ml_cosign_answer *answer)
{
    answer->outcome = ML_COSIGN_CONTRADICTED;
    snprintf(answer->text, sizeof answer->text,
             "it says that it has cosigned %" PRIu64 " records of this ledger, and the checkpoint "
             "has %" PRIu64 ": an old copy was put in place, or another one goes on elsewhere",
             size, cosigning->checkpoint.size);
}

/* What a status other than 200 says, with the witness's own words. */
static void refuse(const struct ml_http_response *response, struct ml_cosign_answer *answer)
{
    const char *says = (const char *)response->body.data;
    size_t len = response->body.len < SAID_MAX ? response->body.len : SAID_MAX;
    const char *end = len ? memchr(says, '\n', len) : NULL;
    bool inconsistent = response->status == ML_WITNESS_INCONSISTENT;
    answer->outcome = inconsistent ? ML_COSIGN_CONTRADICTED : ML_COSIGN_FAILED;
    snprintf(answer->text, sizeof answer->text, "%s (status %d)%s%.*s",
             inconsistent ? "it says that this is not the history that it cosigned before"
                          : "it did not cosign",
             response->status, len ? ": " : "", (int)(end ? end - says : (ptrdiff_t)len),
             len ? says : "");
}

static void take_error(struct ml_cosign_answer *answer)
{
    answer->outcome = ML_COSIGN_FAILED;
    snprintf(answer->text, sizeof answer->text, "%s", mledger_error_text());
    ml_error_clear();
}

/* Takes what came of a request; an error that is the witness's becomes its answer. */
static int take_response(struct cosigning *cosigning, const struct ml_policy_party *witness,
                         const struct ml_http_response *response, struct ml_cosign_answer *answer)
{
    if (response->status != ML_WITNESS_COSIGN) {
        refuse(response, answer);
        return MLEDGER_OK;
    }
    int result =
        ml_witness_answer_apply(ml_buf_span(&response->body), witness->vkey, cosigning->note);
    if (result == MLEDGER_EINVALID) {
        take_error(answer);
        return MLEDGER_OK;
    }
    ML_TRY(result);
    answer->outcome = ML_COSIGN_DONE;
    return MLEDGER_OK;
}

/* One request; a transport that fails is the answer. */
static int ask_once(struct cosigning *cosigning, const struct ml_policy_party *witness,
                    uint64_t old, struct ml_http_response *response,
                    struct ml_cosign_answer *answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0}, url = {0};
    ML_TRY(write_body(cosigning, old, &body));
    ML_TRY(write_url(witness->url, &url));
    if (ml_http_post(cosigning->client, (const char *)url.data, "application/octet-stream",
                     ml_buf_span(&body), response) < 0)
        take_error(answer);
    return MLEDGER_OK;
}

static int ask(struct cosigning *cosigning, const struct ml_policy_party *witness,
               struct ml_cosign_answer *answer)
{
    ML_CLEANUP(ml_http_response_release) struct ml_http_response first = {0}, second = {0};
    uint64_t old, known;
    *answer = (struct ml_cosign_answer){.name = witness->name};
    if (!*witness->url) {
        answer->outcome = ML_COSIGN_NO_URL;
        snprintf(answer->text, sizeof answer->text, "the policy does not say where it is");
        return MLEDGER_OK;
    }
    ML_TRY(guess_old(cosigning, witness->vkey, &old));
    ML_TRY(ask_once(cosigning, witness, old, &first, answer));
    if (answer->outcome == ML_COSIGN_FAILED)
        return MLEDGER_OK;
    if (!conflict_size(&first, &known))
        return take_response(cosigning, witness, &first, answer);
    ml_error_clear();
    if (known > cosigning->checkpoint.size) {
        contradict(cosigning, known, answer);
        return MLEDGER_OK;
    }
    ML_TRY(ask_once(cosigning, witness, known, &second, answer));
    if (answer->outcome == ML_COSIGN_FAILED)
        return MLEDGER_OK;
    return take_response(cosigning, witness, &second, answer);
}

static int judge(const struct ml_witness_policy *policy, const struct ml_buf *note,
                 struct ml_cosigned *cosigned)
{
    ML_CLEANUP(ml_note_release) struct ml_note parsed;
    struct ml_checkpoint checkpoint;
    ML_TRY(ml_checkpoint_open(ml_buf_span(note), &parsed, &checkpoint));
    int result = ml_witness_policy_check(policy, &parsed, &checkpoint, &cosigned->witnessed);
    cosigned->enough = result >= 0;
    if (result != MLEDGER_EREFUSED)
        return result;
    snprintf(cosigned->missing, sizeof cosigned->missing, "%s", mledger_error_text());
    ml_error_clear();
    return MLEDGER_OK;
}

int ml_cosign(struct ml_ledger *ledger, const struct ml_witness_policy *policy, struct ml_buf *note,
              struct ml_cosigned *ret_cosigned)
{
    ML_CLEANUP(cosigning_release) struct cosigning cosigning = {0};
    *ret_cosigned = (struct ml_cosigned){.count = ml_witness_policy_witnesses(policy)};
    ML_TRY(begin(ledger, note, &cosigning));
    for (size_t i = 0; i < ret_cosigned->count; i++) {
        const struct ml_policy_party witness = ml_witness_policy_witness(policy, i);
        ML_TRY(ask(&cosigning, &witness, &ret_cosigned->answers[i]));
        ret_cosigned->done += ret_cosigned->answers[i].outcome == ML_COSIGN_DONE;
    }
    return judge(policy, note, ret_cosigned);
}
