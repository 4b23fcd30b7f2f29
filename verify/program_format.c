/* SPDX-License-Identifier: Apache-2.0 */
/* What can be read: one row of a table for each format, told apart by its first bytes. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "verify/bundle.h"
#include "verify/program.h"
#include "verify/source_lines.h"
#include "verify/source_tiles.h"

enum { SNIFFED = 64 };

/* ---- an export ---- */

static int read_stream(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    FILE *stream = context;
    *ret_len = fread(buffer, 1, size, stream);
    return ferror(stream) ? ml_fail_errno(errno, "cannot read the file") : MLEDGER_OK;
}

static int rewind_stream(void *context)
{
    return fseeko(context, 0, SEEK_SET) < 0
               ? ml_fail_errno(errno, "cannot read the file a second time")
               : MLEDGER_OK;
}

static int run_verifier(struct program_report *report, const struct ml_verify_options *options,
                        const struct ml_verify_source *source)
{
    struct ml_verifier verifier;
    int result = ml_verifier_init(&verifier, options, source);
    if (result >= 0)
        result = ml_verifier_read(&verifier);
    if (result >= 0)
        result = ml_verifier_finish(&verifier);
    if (result >= 0)
        result = ml_verifier_attachments_absent(&verifier);
    if (result >= 0)
        result = ml_verify_origin(&verifier);
    if (result >= 0)
        result = ml_verify_anchors(&verifier);
    report->result = verifier.result;
    ml_verifier_release(&verifier);
    return result;
}

static int verify_export(struct program_report *report, const struct ml_verify_options *options,
                         FILE *stream)
{
    const struct ml_source_file file = {
        .read = read_stream, .rewind = rewind_stream, .context = stream};
    struct ml_source_lines *lines = ml_calloc(1, sizeof *lines);
    if (!lines)
        return ml_fail_memory();
    ml_source_lines_init(lines, &file);
    const struct ml_verify_source source = ml_source_lines_open(lines);
    int result = run_verifier(report, options, &source);
    ml_source_lines_release(lines);
    free(lines);
    return result;
}

static bool begins_export(struct ml_span start)
{
    return start.len > 0 && start.data[0] == '{';
}

/* ---- an evidence bundle ---- */

static const char *target_name(Mledger__BundleTarget target)
{
    static const char *const names[] = {
        [MLEDGER__BUNDLE_TARGET__LEDGER_TARGET] = "ledger",
        [MLEDGER__BUNDLE_TARGET__MODEL_TARGET] = "model",
        [MLEDGER__BUNDLE_TARGET__VERSION_TARGET] = "version",
        [MLEDGER__BUNDLE_TARGET__RUN_TARGET] = "run",
        [MLEDGER__BUNDLE_TARGET__DATASET_TARGET] = "dataset",
        [MLEDGER__BUNDLE_TARGET__PIPELINE_TARGET] = "pipeline",
        [MLEDGER__BUNDLE_TARGET__EXPERIMENT_TARGET] = "experiment",
        [MLEDGER__BUNDLE_TARGET__ACTOR_TARGET] = "actor",
        [MLEDGER__BUNDLE_TARGET__RECORDS_TARGET] = "records",
        [MLEDGER__BUNDLE_TARGET__LOGGED_MODEL_TARGET] = "logged_model",
    };
    return names[target];
}

static json_t *list_subjects(const struct ml_bundle_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->n_subjects; i++)
        json_array_append_new(list, json_string(verdict->subjects[i]));
    return list;
}

static json_t *list_anchors(const struct ml_bundle_verdict *verdict)
{
    json_t *list = json_array();
    for (size_t i = 0; i < verdict->n_anchors; i++) {
        const struct ml_bundle_anchor *anchor = &verdict->anchors[i];
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:I, s:b}", "size", (json_int_t)anchor->size,
                            "cosignatures", (json_int_t)anchor->cosignatures, "timestamps",
                            (json_int_t)anchor->timestamps, "trusted", anchor->trusted));
    }
    return list;
}

/* What somebody typed, of which the container's encoding promises UTF-8. */
static int set_reference(json_t *bundle, const char *reference)
{
    json_t *text = json_string(reference);
    return json_object_set_new(bundle, "reference", text ? text : json_null());
}

static int describe_bundle(struct program_report *report, const struct ml_bundle_verdict *verdict)
{
    const Mledger__BundleManifest *manifest = verdict->manifest;
    if (!manifest)
        return MLEDGER_OK;
    report->bundle =
        json_pack("{s:s, s:I, s:I, s:o, s:o}", "target", target_name(manifest->target), "opened",
                  (json_int_t)verdict->opened, "attachments", (json_int_t)verdict->attachments,
                  "subjects", list_subjects(verdict), "checkpoints", list_anchors(verdict));
    int bad = report->bundle == NULL;
    if (!bad && manifest->has_seq)
        bad |= json_object_set_new(report->bundle, "seq", json_integer((json_int_t)manifest->seq));
    if (!bad && manifest->has_version)
        bad |= json_object_set_new(report->bundle, "version",
                                   json_integer((json_int_t)manifest->version));
    if (!bad && manifest->reference)
        bad |= set_reference(report->bundle, manifest->reference);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

static int verify_bundle(struct program_report *report, const struct ml_verify_options *options,
                         FILE *stream)
{
    const struct ml_bundle_file file = {
        .read = read_stream, .rewind = rewind_stream, .context = stream};
    struct ml_bundle_verdict verdict;
    int result = ml_verify_bundle(&file, options, &verdict);
    report->result = verdict.result;
    if (result >= 0)
        result = describe_bundle(report, &verdict);
    ml_bundle_verdict_release(&verdict);
    return result;
}

/* ---- tiles ---- */

static int fetch_tile(void *context, const char *path, size_t limit, struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf whole = {0};
    ML_TRY(ml_buf_printf(&whole, "%s/%s", (const char *)context, path));
    ML_TRY(ml_buf_append_char(&whole, '\0'));
    return program_read_file((const char *)whole.data, limit, ret_bytes);
}

static int verify_tiles(struct program_report *report, const struct ml_verify_options *options)
{
    struct ml_tiles_result result;
    ML_CLEANUP(ml_freep) char *dir = strdup(report->request->path);
    if (!dir)
        return ml_fail_memory();
    ML_TRY(ml_verify_tiles(fetch_tile, dir, options, &result));
    report->result = result.verify;
    return MLEDGER_OK;
}

/* ---- all of them ---- */

struct format {
    const char *name;
    bool (*begins)(struct ml_span start); /* at least SNIFFED bytes, or all there are */
    int (*verify)(struct program_report *report, const struct ml_verify_options *options,
                  FILE *stream);
};

static const struct format formats[] = {
    {"bundle", ml_bundle_begins, verify_bundle},
    {"export", begins_export, verify_export},
};

static int verify_file(struct program_report *report, const struct ml_verify_options *options)
{
    const char *path = report->request->path;
    FILE *stream = fopen(path, "re");
    if (!stream)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    uint8_t start[SNIFFED];
    size_t len = fread(start, 1, sizeof start, stream);
    int result = rewind_stream(stream);
    size_t i = 0;
    while (i < ML_COUNT(formats) && !formats[i].begins(ML_SPAN(start, len)))
        i++;
    if (result >= 0 && i == ML_COUNT(formats))
        result = ml_fail(MLEDGER_EINVALID,
                         "'%s' is nothing that is read here: a bundle, an export, tiles", path);
    if (result >= 0) {
        report->format = formats[i].name;
        result = formats[i].verify(report, options, stream);
    }
    fclose(stream);
    return result;
}

int program_verify(struct program_report *report, const struct ml_verify_options *options)
{
    struct stat status;
    const char *path = report->request->path;
    if (stat(path, &status) < 0)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    if (!S_ISDIR(status.st_mode))
        return verify_file(report, options);
    report->format = "tiles";
    return verify_tiles(report, options);
}
