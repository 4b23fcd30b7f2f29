/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outsiders.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>

#include "cli/endorsement.h"
#include "cli/keyring.h"
#include "ingest/file.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"

enum { ROOTS_FILE_MAX = 16 << 20 };

/* A file that was named is needed. */
static int read_named(const char *path, size_t max, struct ml_buf *text)
{
    int result = ml_file_slurp(path, NULL, max, text);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
}

static int read_roots(const char *path, struct ml_timestamp_roots **ret_roots)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf pem = {0};
    ML_TRY(read_named(path, ROOTS_FILE_MAX, &pem));
    return ml_timestamp_roots_parse(ml_buf_span(&pem), path, ret_roots);
}

static int read_policy(const char *path, struct ml_witness_policy **ret_policy)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(read_named(path, ML_POLICY_FILE_MAX, &text));
    return ml_witness_policy_parse(ml_buf_span(&text), path, ret_policy);
}

/* One of those that are kept. What is wrong with it matters only if it is the ledger's. */
static int add_policy(struct ml_outsiders *outsiders, const char *path,
                      const uint8_t identity[ML_HASH_SIZE])
{
    ML_TRY(ml_grow(&outsiders->policies, &outsiders->cap_policies, outsiders->n_policies + 1,
                   sizeof *outsiders->policies));
    struct ml_verify_policy *added = &outsiders->policies[outsiders->n_policies];
    *added = (struct ml_verify_policy){0};
    memcpy(added->identity, identity, ML_HASH_SIZE);
    if (read_policy(path, &added->policy) < 0) {
        added->error = strdup(mledger_error_text());
        ml_error_clear();
        if (!added->error)
            return ml_fail_memory();
    }
    outsiders->n_policies++;
    return MLEDGER_OK;
}

/* IDENTITY.policy; others in the directory are not ours. */
static bool is_policy_name(const char *name, uint8_t ret_identity[ML_HASH_SIZE])
{
    const size_t digits = 2 * (size_t)ML_HASH_SIZE;
    if (strlen(name) <= digits || strcmp(name + digits, ".policy") != 0)
        return false;
    bool is = ml_hex_decode(name, digits, ret_identity, ML_HASH_SIZE) >= 0;
    ml_error_clear();
    return is;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int read_kept(struct ml_outsiders *outsiders)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(ml_user_dir("XDG_CONFIG_HOME", ".config", "mledger/witnesses", &path));
    ML_CLEANUP(close_dir) DIR *dir = opendir(path);
    if (!dir && errno == ENOENT)
        return MLEDGER_OK;
    if (!dir)
        return ml_fail_errno(errno, "cannot read directory '%s'", path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        ML_CLEANUP(ml_buf_release) struct ml_buf file = {0};
        uint8_t identity[ML_HASH_SIZE];
        if (!is_policy_name(entry->d_name, identity))
            continue;
        ML_TRY(ml_buf_printf(&file, "%s/%s", path, entry->d_name));
        ML_TRY(ml_buf_append_char(&file, '\0'));
        ML_TRY(add_policy(outsiders, (const char *)file.data, identity));
    }
    return MLEDGER_OK;
}

int ml_outsiders_read(const struct ml_invocation *invocation, bool kept,
                      struct ml_outsiders *ret_outsiders)
{
    const char *roots = ml_option_text(invocation, "tsa-roots", NULL);
    *ret_outsiders = (struct ml_outsiders){0};
    if (kept && !ml_option_given(invocation, "witness-policy"))
        ML_TRY(read_kept(ret_outsiders));
    return roots ? read_roots(roots, &ret_outsiders->roots) : MLEDGER_OK;
}

void ml_outsiders_release(struct ml_outsiders *outsiders)
{
    for (size_t i = 0; i < outsiders->n_policies; i++) {
        ml_witness_policy_free(outsiders->policies[i].policy);
        free(outsiders->policies[i].error);
    }
    free(outsiders->policies);
    ml_timestamp_roots_free(outsiders->roots);
    *outsiders = (struct ml_outsiders){0};
}

void ml_outsiders_use(const struct ml_outsiders *outsiders, struct ml_verify_anchors *anchors,
                      struct ml_verify_options *options)
{
    anchors->policies = outsiders->policies;
    anchors->n_policies = outsiders->n_policies;
    options->anchors = anchors;
    options->tsa_roots = outsiders->roots;
}

/* --- what was found -------------------------------------------------------------------------- */

/* A cosigner may write any time: one past the year 9999 is shown as that year's end. */
static int format_seconds(int64_t seconds, char text[ML_TIME_TEXT_SIZE])
{
    const int64_t most = ML_TIME_MAX_US / 1000000;
    return ml_time_format((seconds < most ? seconds : most) * 1000000, text);
}

static int set_seq(json_t *json, uint64_t seq)
{
    return seq == MLEDGER_NO_SEQ ? 0
                                 : json_object_set_new(json, "seq", json_integer((json_int_t)seq));
}

static int witnessed_to_json(const struct ml_verify_witnessed *witnessed, json_t *json)
{
    char earliest[ML_TIME_TEXT_SIZE], latest[ML_TIME_TEXT_SIZE];
    ML_TRY(format_seconds(witnessed->by.earliest, earliest));
    ML_TRY(format_seconds(witnessed->by.latest, latest));
    json_t *one =
        json_pack("{s:I, s:I, s:s, s:s}", "size", (json_int_t)witnessed->size, "witnesses",
                  (json_int_t)witnessed->by.count, "earliest", earliest, "latest", latest);
    if (!one || set_seq(one, witnessed->seq) != 0 || json_object_set(json, "witnessed", one) != 0) {
        json_decref(one);
        return ml_fail_memory();
    }
    json_decref(one);
    return MLEDGER_OK;
}

static int timestamped_to_json(const struct ml_verify_timestamped *timestamped, json_t *json)
{
    json_t *one;
    ML_TRY(ml_timestamp_to_json(&timestamped->by, &one));
    if (json_object_set_new(one, "size", json_integer((json_int_t)timestamped->size)) != 0 ||
        set_seq(one, timestamped->seq) != 0 || json_object_set(json, "timestamped", one) != 0) {
        json_decref(one);
        return ml_fail_memory();
    }
    json_decref(one);
    return MLEDGER_OK;
}

int ml_outsiders_to_json(const struct ml_verify_result *result, json_t *json)
{
    if (result->witnessed.size > 0)
        ML_TRY(witnessed_to_json(&result->witnessed, json));
    return result->timestamped.size > 0 ? timestamped_to_json(&result->timestamped, json)
                                        : MLEDGER_OK;
}

static int print_witnessed(const struct ml_verify_witnessed *witnessed, struct ml_output *out)
{
    char earliest[ML_TIME_TEXT_SIZE], latest[ML_TIME_TEXT_SIZE];
    ML_TRY(format_seconds(witnessed->by.earliest, earliest));
    ML_TRY(format_seconds(witnessed->by.latest, latest));
    ml_output_text(out, ML_ROLE_GOOD, "witnessed");
    ml_output_text(out, ML_ROLE_PLAIN, ": the first %" PRIu64 " record%s, by %zu witness%s, ",
                   witnessed->size, witnessed->size == 1 ? "" : "s", witnessed->by.count,
                   witnessed->by.count == 1 ? "" : "es");
    if (strcmp(earliest, latest) == 0)
        ml_output_line(out, ML_ROLE_PLAIN, "at %s", latest);
    else
        ml_output_line(out, ML_ROLE_PLAIN, "from %s to %s", earliest, latest);
    return MLEDGER_OK;
}

static int print_timestamped(const struct ml_verify_timestamped *timestamped, struct ml_output *out)
{
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(timestamped->by.time_us, time));
    ml_output_text(out, ML_ROLE_GOOD, "timestamped");
    ml_output_text(out, ML_ROLE_PLAIN, ": the first %" PRIu64 " record%s, at %s", timestamped->size,
                   timestamped->size == 1 ? "" : "s", time);
    if (timestamped->by.accuracy_us >= 0)
        ml_output_text(out, ML_ROLE_PLAIN, " +-%g s", (double)timestamped->by.accuracy_us / 1e6);
    ml_output_line(out, ML_ROLE_PLAIN, " by %s", timestamped->by.authority);
    return MLEDGER_OK;
}

int ml_outsiders_print(const struct ml_verify_result *result, struct ml_output *out)
{
    if (result->witnessed.size > 0)
        ML_TRY(print_witnessed(&result->witnessed, out));
    return result->timestamped.size > 0 ? print_timestamped(&result->timestamped, out) : MLEDGER_OK;
}
