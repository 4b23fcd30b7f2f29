/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the scenario ledger: scenario STORY DIR.
 *
 * Records of two years cannot be made by the command, whose clock is the machine's. Here the story
 * says for each record when it is recorded and who signs it; keys come from fixed seeds, and random
 * numbers from a fixed stream, so that the ledger is the same to the byte wherever it is made. It
 * is therefore worth nothing but tests.
 *
 * DIR must not be there. It gets `ledger`, keys in `keys/NAME.key` without a passphrase, and the
 * checkpoints that the story keeps.
 *
 * A line of the story, JSON, what begins with '#' is a comment:
 *
 *   {"time": "2024-01-08T09:00:00Z", "signer": "ada", "states": {"olga": "approved"},
 *    "label": "churn-1", "record": {…}}
 *   {"time": …, "signer": "dana", "checkpoint": "checkpoint-2024"}
 *
 * `record` is a line of `mledger append`. The second kind signs a checkpoint, keeps its note under
 * that name in DIR, and notes it. In a line @sha256(TEXT), @md5(TEXT) and @git(TEXT) stand for a
 * digest, @key(NAME) for a public key, @seq(LABEL) for the number of the record with that label.
 */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/erasure.h"
#include "ledger/store/key.h"
#include "ledger/store/statement.h"

enum { KEYS_MAX = 32, LABELS_MAX = 256, NAME_MAX_SIZE = 64 };

struct story_key {
    char name[NAME_MAX_SIZE];
    struct mledger_key *key;
    struct ml_signer signer;
};

struct story {
    const char *dir;
    int64_t now_us;
    struct ml_ledger *ledger; /* NULL before the first record */
    struct story_key keys[KEYS_MAX];
    size_t n_keys;
    struct {
        char name[NAME_MAX_SIZE];
        uint64_t seq;
    } labels[LABELS_MAX];
    size_t n_labels;
};

/* ---- the same random numbers every time ---- */

static uint64_t stream_block;

static const char *stream_name(void)
{
    return "scenario";
}

static void stream_fill(void *const bytes, const size_t size)
{
    unsigned char seed[randombytes_SEEDBYTES] = "the scenario ledger of mledger";
    memcpy(seed + sizeof seed - sizeof stream_block, &stream_block, sizeof stream_block);
    stream_block++;
    randombytes_buf_deterministic(bytes, size, seed);
}

static uint32_t stream_number(void)
{
    uint32_t number;
    stream_fill(&number, sizeof number);
    return number;
}

static struct randombytes_implementation stream = {
    .implementation_name = stream_name,
    .random = stream_number,
    .buf = stream_fill,
};

/* ---- keys ---- */

static int sign(void *context, struct ml_span message, uint8_t ret_signature[ML_SIGNATURE_SIZE])
{
    return ml_key_sign(context, message, ret_signature);
}

static int hash_text(const char *text, size_t len, uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct ml_span part = ML_SPAN(text, len);
    return ml_sha256(ret_hash, &part, 1);
}

static int save_key(struct story *story, const struct story_key *key)
{
    char path[4096];
    const struct mledger_key_saving saving = {.replace = false};
    snprintf(path, sizeof path, "%s/keys/%s.key", story->dir, key->name);
    return mledger_key_save(key->key, path, &saving);
}

/* The key called so, made on first use. A log key is called "log". */
static int find_key(struct story *story, const char *name, size_t len,
                    const struct story_key **ret_key)
{
    uint8_t seed[ML_HASH_SIZE];
    char label[2 * NAME_MAX_SIZE];
    for (size_t i = 0; i < story->n_keys; i++)
        if (strlen(story->keys[i].name) == len && strncmp(story->keys[i].name, name, len) == 0) {
            *ret_key = &story->keys[i];
            return MLEDGER_OK;
        }
    if (story->n_keys == KEYS_MAX || len >= NAME_MAX_SIZE)
        return ml_fail(MLEDGER_EINVALID, "too many keys, or a name too long");
    struct story_key *key = &story->keys[story->n_keys];
    snprintf(key->name, sizeof key->name, "%.*s", (int)len, name);
    snprintf(label, sizeof label, "scenario key %s", key->name);
    ML_TRY(hash_text(label, strlen(label), seed));
    const bool is_log = strcmp(key->name, "log") == 0;
    ML_TRY(ml_key_from_seed(is_log ? MLEDGER_KEY_LOG : MLEDGER_KEY_SIGNER, key->name, seed,
                            &key->key));
    memcpy(key->signer.key, mledger_key_public(key->key), ML_KEY_SIZE);
    key->signer.sign = sign;
    key->signer.context = key->key;
    story->n_keys++;
    *ret_key = key;
    return save_key(story, key);
}

/* ---- words that stand for something ---- */

static int find_label(const struct story *story, const char *name, size_t len, uint64_t *ret_seq)
{
    for (size_t i = 0; i < story->n_labels; i++)
        if (strlen(story->labels[i].name) == len &&
            strncmp(story->labels[i].name, name, len) == 0) {
            *ret_seq = story->labels[i].seq;
            return MLEDGER_OK;
        }
    return ml_fail(MLEDGER_EINVALID, "no record is labelled '%.*s'", (int)len, name);
}

static int add_label(struct story *story, const char *name, uint64_t seq)
{
    if (story->n_labels == LABELS_MAX || strlen(name) >= NAME_MAX_SIZE)
        return ml_fail(MLEDGER_EINVALID, "too many labels, or '%s' is too long", name);
    snprintf(story->labels[story->n_labels].name, NAME_MAX_SIZE, "%s", name);
    story->labels[story->n_labels++].seq = seq;
    return MLEDGER_OK;
}

static int expand_digest(const char *text, size_t len, size_t size, struct ml_buf *out)
{
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(hash_text(text, len, hash));
    return ml_hex_append(out, hash, size);
}

static int expand_word(struct story *story, const char *word, size_t word_len, const char *text,
                       size_t len, struct ml_buf *out)
{
    static const struct {
        const char *word;
        size_t size; /* of the digest */
    } digests[] = {{"sha256", 32}, {"md5", 16}, {"git", 20}};
    const struct story_key *key;
    uint64_t seq;
    for (size_t i = 0; i < ML_COUNT(digests); i++)
        if (strlen(digests[i].word) == word_len && strncmp(word, digests[i].word, word_len) == 0)
            return expand_digest(text, len, digests[i].size, out);
    if (word_len == 3 && strncmp(word, "key", 3) == 0) {
        ML_TRY(find_key(story, text, len, &key));
        return ml_hex_append(out, key->signer.key, ML_KEY_SIZE);
    }
    if (word_len != 3 || strncmp(word, "seq", 3) != 0)
        return ml_fail(MLEDGER_EINVALID, "'@%.*s' stands for nothing", (int)word_len, word);
    ML_TRY(find_label(story, text, len, &seq));
    return ml_buf_printf(out, "%" PRIu64, seq);
}

static int expand(struct story *story, const char *line, struct ml_buf *out)
{
    for (const char *at = line; *at;) {
        size_t word_len = 0, text_len = 0;
        if (*at == '@')
            word_len = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789");
        if (word_len && at[1 + word_len] == '(')
            text_len = strcspn(at + 2 + word_len, ")");
        if (text_len == 0) {
            ML_TRY(ml_buf_append_char(out, *at++));
            continue;
        }
        ML_TRY(expand_word(story, at + 1, word_len, at + 2 + word_len, text_len, out));
        at += word_len + text_len + 3;
    }
    return ml_buf_append_char(out, '\0');
}

/* ---- records ---- */

static int64_t read_clock(void *context)
{
    return ((const struct story *)context)->now_us;
}

static int create(struct story *story, struct ml_draft *draft, const struct ml_signer *signer)
{
    char dir[4096];
    const struct ml_ledger_options options = {.now = read_clock, .now_context = story};
    snprintf(dir, sizeof dir, "%s/ledger", story->dir);
    return ml_ledger_create(dir, &options, draft, signer, &story->ledger);
}

static int meaning_of(const char *word, Mledger__Meaning *ret_meaning)
{
    static const char *const words[] = {"",         "authored",  "reviewed",
                                        "approved", "requested", "possession"};
    for (size_t i = 1; i < ML_COUNT(words); i++)
        if (strcmp(words[i], word) == 0) {
            *ret_meaning = (Mledger__Meaning)i;
            return MLEDGER_OK;
        }
    return ml_fail(MLEDGER_EINVALID, "'%s' is no meaning", word);
}

static int state_all(struct story *story, json_t *states, struct ml_view *view,
                     struct ml_draft *draft)
{
    const char *name;
    json_t *word;
    ML_TRY(ml_draft_seal(draft, view));
    json_object_foreach(states, name, word)
    {
        const struct story_key *key;
        Mledger__Meaning meaning;
        ML_TRY(meaning_of(json_string_value(word), &meaning));
        ML_TRY(find_key(story, name, strlen(name), &key));
        ML_TRY(ml_draft_state(draft, &view->head, &key->signer, meaning, NULL));
    }
    return MLEDGER_OK;
}

static int append(struct story *story, const json_t *line, const struct ml_signer *signer,
                  struct ml_draft *draft, uint64_t *ret_seq)
{
    json_t *states = json_object_get(line, "states");
    struct ml_receipt receipt;
    if (!story->ledger) {
        *ret_seq = 0;
        return create(story, draft, signer);
    }
    if (states) {
        struct ml_view view;
        ML_TRY(ml_view_begin(story->ledger, &view));
        int result = state_all(story, states, &view, draft);
        ml_view_end(&view);
        ML_TRY(result);
    }
    ML_TRY(ml_ledger_append(story->ledger, signer, &draft, 1, &receipt, NULL));
    *ret_seq = receipt.seq;
    return MLEDGER_OK;
}

static int keep_note(const struct story *story, const char *name, struct ml_span note)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", story->dir, name);
    FILE *file = fopen(path, "wxe");
    if (!file)
        return ml_fail_errno(errno, "cannot make '%s'", path);
    bool bad = fwrite(note.data, 1, note.len, file) != note.len;
    bad |= fclose(file) != 0;
    return bad ? ml_fail(MLEDGER_ESYSTEM, "cannot write '%s'", path) : MLEDGER_OK;
}

static int make_checkpoint(struct story *story, const char *name, struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_made_checkpoint_release) struct ml_made_checkpoint made;
    const struct story_key *key;
    ML_TRY(find_key(story, "log", 3, &key));
    ML_TRY(ml_checkpoint_make(story->ledger, key->key, NULL, &made));
    ML_TRY(keep_note(story, name, ml_buf_span(&made.note)));
    return ml_checkpoint_draft(ml_buf_span(&made.note), NULL, 0, ret_draft);
}

static int draft_of(struct story *story, const json_t *line, struct ml_draft **ret_draft)
{
    const json_t *checkpoint = json_object_get(line, "checkpoint");
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (checkpoint)
        return make_checkpoint(story, json_string_value(checkpoint), ret_draft);
    ML_TRY(ml_json_dump(json_object_get(line, "record"), 0, &text));
    return ml_draft_from_json((const char *)text.data, text.len, NULL, ret_draft);
}

static int tell(struct story *story, const json_t *line)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const char *time = json_string_value(json_object_get(line, "time"));
    const char *signer = json_string_value(json_object_get(line, "signer"));
    const char *label = json_string_value(json_object_get(line, "label"));
    const struct story_key *key;
    uint64_t seq;
    if (!time || !signer)
        return ml_fail(MLEDGER_EINVALID, "time or signer is missing");
    ML_TRY(ml_time_parse(time, strlen(time), &story->now_us));
    ML_TRY(find_key(story, signer, strlen(signer), &key));
    ML_TRY(draft_of(story, line, &draft));
    ML_TRY(append(story, line, &key->signer, draft, &seq));
    return label ? add_label(story, label, seq) : MLEDGER_OK;
}

static int tell_line(struct story *story, const char *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf expanded = {0};
    json_t *line;
    if (*text == '#' || text[strspn(text, " \n")] == '\0')
        return MLEDGER_OK;
    ML_TRY(expand(story, text, &expanded));
    ML_TRY(ml_json_parse((const char *)expanded.data, expanded.len - 1, &line));
    int result = tell(story, line);
    json_decref(line);
    return result;
}

static int tell_all(struct story *story, FILE *file)
{
    char *line = NULL;
    size_t size = 0, number = 0;
    int result = MLEDGER_OK;
    while (result >= 0 && getline(&line, &size, file) >= 0) {
        number++;
        result = tell_line(story, line);
    }
    free(line);
    return result < 0 ? ml_prefix("line %zu", number) : MLEDGER_OK;
}

static int run(struct story *story, const char *path)
{
    char keys[4096];
    snprintf(keys, sizeof keys, "%s/keys", story->dir);
    FILE *file = fopen(path, "re");
    if (!file)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    int result = MLEDGER_OK;
    uint64_t erased;
    if (mkdir(story->dir, 0700) < 0 || mkdir(keys, 0700) < 0)
        result = ml_fail_errno(errno, "cannot make '%s'", story->dir);
    if (result >= 0)
        result = tell_all(story, file);
    if (result >= 0)
        result = ml_ledger_erase_finish(story->ledger, &erased);
    fclose(file);
    return result;
}

int main(int argc, char **argv)
{
    static struct story story;
    if (argc != 3) {
        fprintf(stderr, "usage: scenario STORY DIR\n");
        return 2;
    }
    randombytes_set_implementation(&stream);
    story.dir = argv[2];
    int result =
        sodium_init() < 0 ? ml_fail(MLEDGER_ESYSTEM, "no libsodium") : run(&story, argv[1]);
    if (result < 0)
        fprintf(stderr, "scenario: %s: %s\n", argv[1], mledger_error_text());
    for (size_t i = 0; i < story.n_keys; i++)
        mledger_key_free(story.keys[i].key);
    ml_ledger_close(story.ledger);
    return result < 0;
}
