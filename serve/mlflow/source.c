/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/source.h"

#include <strings.h>

#include "ledger/core/hex.h"
#include "serve/mlflow/logged_model.h"
#include "serve/mlflow/run.h"

enum { VERSIONS_FOLLOWED = 32 };

/* ---- what it is ---- */

size_t ml_rest_uri_scheme(const char *source)
{
    const size_t len =
        strspn(source, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return source[len] == ':' && strchr("+-.0123456789", *source) == NULL ? len : 0;
}

const char *ml_rest_uri_below(struct ml_arena *arena, const char *uri, const char *path)
{
    const size_t query = strcspn(uri, "?");
    size_t len = query;
    while (len > 0 && uri[len - 1] == '/')
        len--;
    return ml_arena_printf(arena, "%.*s/%s%s", (int)len, uri, path, uri + query);
}

static bool is_file(const char *source)
{
    return ml_rest_uri_scheme(source) == 4 && strncasecmp(source, "file", 4) == 0;
}

static bool is_local(const char *source)
{
    return ml_rest_uri_scheme(source) == 0 || is_file(source);
}

/* Templates of prompts are versions without files, whose source is a word. */
static bool is_prompt(const Mlflow__CreateModelVersion *request)
{
    for (size_t i = 0; i < request->n_tags; i++)
        if (request->tags[i]->key && strcmp(request->tags[i]->key, "mlflow.prompt.is_prompt") == 0)
            return true;
    return false;
}

/* ---- percent-encoding ---- */

static int hex_pair(const char *text)
{
    uint8_t byte;
    return text[0] && text[1] && ml_hex_decode(text, 2, &byte, 1) == MLEDGER_OK ? byte : -1;
}

/* Decodes `text` in its place; true if that changed anything. A NUL is left as it is written. */
static bool decode_once(char *text)
{
    bool changed = false;
    char *to = text;
    for (const char *from = text; *from; from++) {
        const int byte = *from == '%' ? hex_pair(from + 1) : -1;
        if (byte > 0) {
            *to++ = (char)byte;
            from += 2;
            changed = true;
        } else {
            changed = changed || *from == '+';
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
    ml_error_clear();
    return changed;
}

/* What all decoding leads to: each pass makes it shorter, or takes away a '+'. NULL: memory is out.
 */
static const char *decode(struct ml_rest_call *call, const char *source)
{
    char *text = ml_arena_text(&call->arena, source, strlen(source));
    while (text && decode_once(text))
        ;
    return text;
}

/* ---- sources that anybody can reach ---- */

static bool has_part(const char *path, const char *part)
{
    const size_t len = strlen(part);
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strcspn(at, "/?#") == len && strncmp(at, part, len) == 0)
            return true;
    }
    return false;
}

/* Behind the scheme and, with "//", the host: "" where there is no path. */
static const char *path_of(const char *source)
{
    const char *path = source + ml_rest_uri_scheme(source) + 1;
    if (strncmp(path, "//", 2) == 0) {
        path += 2;
        path += strcspn(path, "/?#");
    }
    return path;
}

static int check_remote(struct ml_rest_call *call, const char *source)
{
    const char *decoded = decode(call, source);
    if (!decoded)
        return ml_arena_fail(&call->arena, "the request");
    if (*path_of(source) == '/' && !has_part(decoded, "..") && !has_part(path_of(decoded), ".") &&
        !strstr(decoded, "%00"))
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid model version source: '%.256s'. If supplying a source as an "
                          "http, https, local file path, ftp, objectstore, or mlflow-artifacts "
                          "uri, an absolute path must be provided without relative path "
                          "references present. Please provide an absolute path.",
                          source);
}

/* ---- sources on one machine ---- */

/* The path of "file:///a/b", "file://localhost/a/b", "file:/a/b" or "/a/b"; NULL: of another host.
 */
static const char *local_path(const char *source)
{
    static const char localhost[] = "localhost";
    const char *path = is_file(source) ? source + 5 : source;
    if (!is_file(source) || strncmp(path, "//", 2) != 0)
        return path;
    path += 2;
    if (strncasecmp(path, localhost, sizeof localhost - 1) == 0)
        path += sizeof localhost - 1;
    return *path == '/' ? path : NULL;
}

/* Writes the path without "." and "..", with one '/' before each part; false: it leads above the
 * root. `text` has room for the path and one byte more. */
static bool straighten(const char *path, char *text)
{
    size_t len = 0;
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        const size_t part = strcspn(at, "/");
        if (part == 2 && strncmp(at, "..", 2) == 0) {
            if (len == 0)
                return false;
            while (text[--len] != '/')
                ;
        } else if (part > 0 && !(part == 1 && *at == '.')) {
            text[len++] = '/';
            memcpy(text + len, at, part);
            len += part;
        }
        at += part;
    }
    text[len] = '\0';
    return true;
}

/* NULL: it is no path of this kind, or leads above the root. */
static int straight_path(struct ml_rest_call *call, const char *source, const char **ret_path)
{
    const char *path = is_local(source) ? local_path(source) : NULL;
    *ret_path = NULL;
    if (!path || *path != '/')
        return MLEDGER_OK;
    char *text = ml_arena_alloc(&call->arena, strlen(path) + 2);
    if (!text)
        return ml_arena_fail(&call->arena, "the request");
    *ret_path = straighten(path, text) ? text : NULL;
    return MLEDGER_OK;
}

static bool is_below(const char *path, const char *folder)
{
    const size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Where what the version is made of has its artifacts: the logged model, or the run. NULL: it is
 * made of neither. */
static int find_folder(struct ml_rest_call *call, const Mlflow__CreateModelVersion *request,
                       const char **ret_uri)
{
    Mlflow__RunInfo *run;
    uint64_t seq;
    char *uri;
    *ret_uri = NULL;
    if (request->model_id && *request->model_id) {
        ML_TRY(ml_rest_logged_model_find(call, request->model_id, &seq));
        ML_TRY(ml_rest_logged_model_uri(call, seq, &uri));
        *ret_uri = uri;
    } else if (request->run_id && *request->run_id) {
        ML_TRY(ml_rest_run_find(call, request->run_id, &seq));
        ML_TRY(ml_rest_run_show_info(call, seq, &run));
        *ret_uri = run->artifact_uri;
    }
    return MLEDGER_OK;
}

/* Are these artifacts on a machine, and the source among them? */
static int is_among(struct ml_rest_call *call, const Mlflow__CreateModelVersion *request,
                    bool *ret_is)
{
    const char *path, *folder, *uri;
    *ret_is = false;
    ML_TRY(find_folder(call, request, &uri));
    if (!uri)
        return MLEDGER_OK;
    ML_TRY(straight_path(call, request->source, &path));
    ML_TRY(straight_path(call, uri, &folder));
    *ret_is = path && folder && is_below(path, folder);
    return MLEDGER_OK;
}

static int check_local(struct ml_rest_call *call, const Mlflow__CreateModelVersion *request)
{
    const char *id = request->model_id && *request->model_id ? "model_id" : "run_id";
    bool is_good;
    if (!local_path(request->source))
        return ml_rest_refuse(ML_REST_INVALID,
                              "'%.256s' is not a valid remote uri. For remote access on windows, "
                              "please consider using a different scheme such as SMB (e.g. "
                              "smb://<hostname>/<path>).",
                              request->source);
    ML_TRY(is_among(call, request, &is_good));
    if (is_good)
        return MLEDGER_OK;
    return ml_rest_refuse(ML_REST_INVALID,
                          "Invalid model version source: '%.256s'. To use a local path as a model "
                          "version source, the %s request parameter has to be specified and the "
                          "local path has to be contained within the artifact directory of the run "
                          "specified by the %s.",
                          request->source, id, id);
}

int ml_rest_source_check(struct ml_rest_call *call, const Mlflow__CreateModelVersion *request)
{
    const char *source = request->source;
    if (!is_local(source))
        return check_remote(call, source);
    if (is_prompt(request) && !is_file(source) && *source != '/')
        return MLEDGER_OK;
    return check_local(call, request);
}

/* ---- versions that are copies ---- */

/* The version that "models:/NAME/NUMBER" names; MLEDGER_ENOTFOUND (without a text): it names none
 * that is here. */
static int find_named(struct ml_rest_call *call, const char *source,
                      struct ml_rest_version *ret_version)
{
    static const char scheme[] = "models:/";
    const char *slash = strrchr(source, '/');
    if (strncmp(source, scheme, sizeof scheme - 1) != 0 || slash < source + sizeof scheme)
        return MLEDGER_ENOTFOUND;
    const char *begin = source + sizeof scheme - 1;
    const char *name = ml_arena_text(&call->arena, begin, (size_t)(slash - begin));
    if (!name)
        return ml_arena_fail(&call->arena, "the request");
    const int result = ml_rest_version_find(call, name, slash + 1, ret_version);
    if (result != MLEDGER_EREFUSED)
        return result;
    ml_error_clear();
    return MLEDGER_ENOTFOUND;
}

static int source_of(struct ml_rest_call *call, const struct ml_rest_version *version,
                     const char **ret_source)
{
    const struct ml_record *record;
    const uint64_t seq = version->state->registered_seq;
    ML_TRY(ml_reader_record(&call->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it does not register a version");
    *ret_source = record->event->version_registered->source;
    return MLEDGER_OK;
}

/* "models:/m-…" stands for where the files of the logged model are. */
static int follow_logged_model(struct ml_rest_call *call, const char **uri)
{
    const char *id = ml_rest_logged_model_id(*uri);
    uint64_t seq;
    char *where;
    if (!id)
        return MLEDGER_OK;
    const int result =
        ml_state_find(call->view.state, MLEDGER__SUBJECT_KIND__LOGGED_MODEL, id, &seq);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_rest_logged_model_uri(call, seq, &where));
    *uri = where;
    return MLEDGER_OK;
}

int ml_rest_source_follow(struct ml_rest_call *call, const struct ml_rest_version *version,
                          const char **ret_uri)
{
    struct ml_rest_version next = {0};
    ML_TRY(source_of(call, version, ret_uri));
    for (size_t i = 0; i < VERSIONS_FOLLOWED; i++) {
        const int result = find_named(call, *ret_uri, &next);
        if (result == MLEDGER_ENOTFOUND)
            return follow_logged_model(call, ret_uri);
        if (result != MLEDGER_OK || !next.state)
            return result;
        ML_TRY(source_of(call, &next, ret_uri));
    }
    return MLEDGER_OK;
}
