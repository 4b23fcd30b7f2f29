/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify_given.h"

#include "ingest/file.h"
#include "ingest/http.h"

static int take_note(struct ml_verify_given *given, const char *path)
{
    size_t i = given->anchors.n_notes;
    ML_CLEANUP(ml_note_release) struct ml_note note = {0};
    struct ml_checkpoint checkpoint;
    int result = ml_file_slurp(path, NULL, ML_NOTE_MAX, &given->bytes[i]);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_EUSAGE, "--against '%s': neither a file nor a key", path);
    ML_TRY(result);
    given->notes[i] = (struct ml_verify_note){path, ml_buf_span(&given->bytes[i])};
    given->anchors.n_notes++;
    if (ml_checkpoint_open(given->notes[i].bytes, &note, &checkpoint) < 0)
        return ml_prefix("'%s'", path);
    return MLEDGER_OK;
}

/* NAME+ID+BASE64 is a key; a path that has two plus signs in it is written ./NAME. */
static bool looks_like_key(const char *value)
{
    const char *plus = strchr(value, '+');
    return plus && strchr(plus + 1, '+') && *value != '.' && *value != '/';
}

static int take(struct ml_verify_given *given, const char *value)
{
    if (!looks_like_key(value))
        return take_note(given, value);
    ML_TRY(ml_vkey_parse(ML_SPAN(value, strlen(value)), &given->vkeys[given->anchors.n_vkeys]));
    given->anchors.n_vkeys++;
    return MLEDGER_OK;
}

static int take_policy(struct ml_verify_given *given, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    int result = ml_file_slurp(path, NULL, ML_POLICY_FILE_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no '%s'", path);
    ML_TRY(result);
    ML_TRY(ml_witness_policy_parse(ml_buf_span(&text), path, &given->policy));
    given->anchors.policy = given->policy;
    return MLEDGER_OK;
}

int ml_verify_given_read(const struct ml_invocation *invocation, const char *since,
                         struct ml_verify_given *ret_given)
{
    size_t count = ml_option_count(invocation, "against");
    /* and one for --since */
    const char *policy = ml_option_text(invocation, "witness-policy", NULL);
    *ret_given = (struct ml_verify_given){
        .vkeys = ml_calloc(count + 2, sizeof *ret_given->vkeys),
        .bytes = ml_calloc(count + 2, sizeof *ret_given->bytes),
        .notes = ml_calloc(count + 2, sizeof *ret_given->notes),
    };
    if (!ret_given->vkeys || !ret_given->bytes || !ret_given->notes)
        return ml_fail_memory();
    ret_given->anchors.vkeys = ret_given->vkeys;
    ret_given->anchors.notes = ret_given->notes;
    for (size_t i = 0; i < count; i++)
        ML_TRY(take(ret_given, ml_option_at(invocation, "against", i)));
    if (since && strcmp(since, "last") != 0)
        ML_TRY(take_note(ret_given, since));
    return policy ? take_policy(ret_given, policy) : MLEDGER_OK;
}

void ml_verify_given_release(struct ml_verify_given *given)
{
    for (size_t i = 0; given->bytes && i < given->anchors.n_notes; i++)
        ml_buf_release(&given->bytes[i]);
    free(given->vkeys);
    free(given->bytes);
    free(given->notes);
    ml_witness_policy_free(given->policy);
    *given = (struct ml_verify_given){0};
}

/* ---- tiles ---- */

struct place {
    const char *name;
    struct ml_http_client *client; /* NULL: a directory */
};

static int fetch_url(const struct place *place, const char *url, size_t limit,
                     struct ml_buf *ret_bytes)
{
    struct ml_http_response response = {0};
    int result = ml_http_get(place->client, url, &response);
    if (result >= 0 && (response.status == 404 || response.status == 410))
        result = MLEDGER_ENOTFOUND;
    else if (result >= 0 && response.status != 200)
        result = ml_fail(MLEDGER_ESYSTEM, "'%s' answers with status %d", url, response.status);
    else if (result >= 0 && response.body.len > limit)
        result = ml_fail(MLEDGER_EINVALID, "'%s' has more than %zu bytes", url, limit);
    if (result >= 0)
        result = ml_buf_append(ret_bytes, response.body.data, response.body.len);
    ml_http_response_release(&response);
    return result;
}

static int fetch(void *context, const char *path, size_t limit, struct ml_buf *ret_bytes)
{
    const struct place *place = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf whole = {0};
    size_t len = strlen(place->name);
    while (len > 1 && place->name[len - 1] == '/')
        len--;
    ML_TRY(ml_buf_printf(&whole, "%.*s/%s", (int)len, place->name, path));
    ML_TRY(ml_buf_append_char(&whole, '\0'));
    const char *where = (const char *)whole.data;
    return place->client ? fetch_url(place, where, limit, ret_bytes)
                         : ml_file_slurp(where, NULL, limit, ret_bytes);
}

int ml_verify_tiles_at(const char *place, const struct ml_verify_options *options,
                       struct ml_verify_result *ret_result)
{
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    struct ml_tiles_result result;
    const struct ml_http_options http = {.response_max = ML_TILE_BUNDLE_MAX,
                                         .environment_proxy = true};
    if (strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0)
        ML_TRY(ml_http_client_new(&http, &client));
    struct place where = {place, client};
    ML_TRY(ml_verify_tiles(fetch, &where, options, &result));
    *ret_result = result.verify;
    return MLEDGER_OK;
}
