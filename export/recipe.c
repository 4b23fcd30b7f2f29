/* SPDX-License-Identifier: Apache-2.0 */
#include "export/recipe.h"

#include <inttypes.h>

#include "export/shell.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/json_parts.h"

static const char check_function[] =
    "# holds FILE against its digest: check PROGRAM HEX FILE\n"
    "check() {\n"
    "    if [ \"$(\"$1\" <\"$3\" | cut -d ' ' -f 1)\" != \"$2\" ]; then\n"
    "        printf '%s is not what was recorded\\n' \"$3\" >&2\n"
    "        exit 1\n"
    "    fi\n"
    "}\n";

struct writer {
    struct ml_reader *reader;
    const struct ml_recipe *recipe;
    struct ml_buf *out;
};

/* A line: words of ours, each with what was recorded quoted behind it. */
static int line(struct writer *writer, const char *words, const char *text)
{
    ML_TRY(ml_buf_append_text(writer->out, words));
    if (text) {
        ML_TRY(ml_buf_append_char(writer->out, ' '));
        ML_TRY(ml_shell_quote(text, writer->out));
    }
    return ml_buf_append_char(writer->out, '\n');
}

static int heading(struct writer *writer, const char *text)
{
    ML_TRY(ml_buf_append_char(writer->out, '\n'));
    return ml_shell_comment(writer->out, "---- %s ----", text);
}

/* ---- code ---- */

static const Mledger__Digest *snapshot_commit(const struct ml_snapshot *snapshot)
{
    return snapshot->recorded->commit;
}

/* What of a commit's text stands behind "git:". */
static void commit_text(const Mledger__Digest *commit, char text[ML_DIGEST_TEXT_SIZE],
                        const char **ret_hex)
{
    ml_digest_text(commit, 0, text);
    *ret_hex = strchr(text, ':') + 1;
}

/* The code is that of the run; what a pipeline says of itself comes second. */
static int write_code(struct writer *writer)
{
    const struct ml_recipe *recipe = writer->recipe;
    char text[ML_DIGEST_TEXT_SIZE];
    const char *hex;
    ML_TRY(heading(writer, "code"));
    if (recipe->has_run && recipe->run.commit) {
        commit_text(recipe->run.commit, text, &hex);
        ML_TRY(ml_shell_comment(writer->out, "run %s ran at it, says record #%" PRIu64,
                                recipe->run.id, recipe->run.commit_seq));
        return line(writer, "git checkout --detach", hex);
    }
    for (size_t i = recipe->n_stages; i-- > 0;) {
        const struct ml_snapshot *snapshot = recipe->stages[i].snapshot;
        if (!snapshot_commit(snapshot))
            continue;
        commit_text(snapshot_commit(snapshot), text, &hex);
        ML_TRY(ml_shell_comment(writer->out, "pipeline %s stood at it, says record #%" PRIu64,
                                snapshot->recorded->name, snapshot->seq));
        return line(writer, "git checkout --detach", hex);
    }
    return ml_shell_comment(writer->out, "not known: no commit is recorded");
}

/* ---- data ---- */

/* Where DVC keeps the lock of a stage: beside the dvc.yaml that its address names. */
static int lock_of(const Mledger__PipelineStage *stage, struct ml_buf *path)
{
    const char *colon = strstr(stage->address, "dvc.yaml:");
    if (colon)
        ML_TRY(ml_buf_append(path, stage->address, (size_t)(colon - stage->address)));
    ML_TRY(ml_buf_append_text(path, "dvc.lock"));
    return ml_buf_append_char(path, '\0');
}

/* Of several stages beside one dvc.yaml the first names the lock. */
static bool is_first_lock(const struct ml_recipe *recipe, size_t at)
{
    const struct ml_recipe_stage *stage = &recipe->stages[at];
    const char *address = stage->snapshot->stages[stage->stage]->address;
    size_t len = strcspn(address, ":");
    bool own = address[len] != '\0';
    for (size_t i = 0; i < at; i++) {
        const struct ml_recipe_stage *other = &recipe->stages[i];
        const char *before = other->snapshot->stages[other->stage]->address;
        size_t before_len = strcspn(before, ":");
        bool before_own = before[before_len] != '\0';
        if (other->snapshot == stage->snapshot && own == before_own &&
            (!own || (len == before_len && strncmp(address, before, len) == 0)))
            return false;
    }
    return true;
}

/* The lock files of a snapshot's stages, and the .dvc files of what they read. */
static int append_locks(struct writer *writer, const struct ml_snapshot *snapshot)
{
    const struct ml_recipe *recipe = writer->recipe;
    for (size_t i = 0; i < recipe->n_stages; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
        if (recipe->stages[i].snapshot != snapshot || !is_first_lock(recipe, i))
            continue;
        ML_TRY(lock_of(snapshot->stages[recipe->stages[i].stage], &path));
        ML_TRY(ml_buf_append_char(writer->out, ' '));
        ML_TRY(ml_shell_quote((char *)path.data, writer->out));
    }
    for (size_t i = 0; i < recipe->n_files; i++) {
        if (!recipe->files[i].tracked_by)
            continue;
        ML_TRY(ml_buf_append_char(writer->out, ' '));
        ML_TRY(ml_shell_quote(recipe->files[i].tracked_by, writer->out));
    }
    return ml_buf_append_char(writer->out, '\n');
}

/* The lock file of a training may have been committed after it, so it is taken from there. */
static int take_locks(struct writer *writer)
{
    const struct ml_recipe *recipe = writer->recipe;
    if (recipe->n_stages == 0)
        return MLEDGER_OK;
    const struct ml_snapshot *snapshot = recipe->stages[recipe->n_stages - 1].snapshot;
    char text[ML_DIGEST_TEXT_SIZE];
    const char *hex;
    if (snapshot->recorded->has_dirty && snapshot->recorded->dirty)
        ML_TRY(ml_shell_comment(writer->out,
                                "not known: the work tree differed from the commit, says record "
                                "#%" PRIu64,
                                snapshot->seq));
    if (!snapshot_commit(snapshot))
        return ml_shell_comment(writer->out,
                                "not known: which commit holds the lock file of record #%" PRIu64,
                                snapshot->seq);
    commit_text(snapshot_commit(snapshot), text, &hex);
    ML_TRY(ml_shell_comment(writer->out, "what tells DVC of it, as record #%" PRIu64 " has it",
                            snapshot->seq));
    ML_TRY(ml_buf_append_text(writer->out, "git checkout "));
    ML_TRY(ml_shell_quote(hex, writer->out));
    ML_TRY(ml_buf_append_text(writer->out, " --"));
    return append_locks(writer, snapshot);
}

/* The strongest that there is a program for everywhere. */
static const Mledger__Digest *checkable(const struct ml_recipe_file *file, const char **ret_program)
{
    static const struct {
        Mledger__Algorithm algorithm;
        const char *program;
    } programs[] = {{MLEDGER__ALGORITHM__SHA256, "sha256sum"}, {MLEDGER__ALGORITHM__MD5, "md5sum"}};
    for (size_t k = 0; k < ML_COUNT(programs); k++)
        for (size_t i = 0; i < file->n_digests; i++)
            if (file->digests[i]->algorithm == programs[k].algorithm) {
                *ret_program = programs[k].program;
                return file->digests[i];
            }
    return NULL;
}

static bool is_directory(const struct ml_recipe_file *file)
{
    for (size_t i = 0; i < file->n_digests; i++)
        if (file->digests[i]->algorithm == MLEDGER__ALGORITHM__MD5_DIR)
            return true;
    return false;
}

static int write_check(struct writer *writer, const struct ml_recipe_file *file)
{
    const char *program;
    const Mledger__Digest *digest = is_directory(file) ? NULL : checkable(file, &program);
    char text[ML_DIGEST_TEXT_SIZE] = "none is recorded";
    if (!digest) {
        if (file->n_digests)
            ml_digest_text(file->digests[0], 0, text);
        return ml_shell_comment(writer->out, "not checked here: the digest of %s, %s", file->path,
                                text);
    }
    ml_digest_text(digest, 0, text);
    ML_TRY(ml_buf_printf(writer->out, "check %s '%s' ", program, strchr(text, ':') + 1));
    ML_TRY(ml_shell_quote(file->path, writer->out));
    return ml_buf_append_char(writer->out, '\n');
}

static int write_file(struct writer *writer, const struct ml_recipe_file *file)
{
    if (file->tracked_by) {
        ML_TRY(ml_shell_comment(writer->out, "%s is tracked by %s, says record #%" PRIu64,
                                file->path, file->tracked_by, file->seq));
        ML_TRY(line(writer, "dvc checkout --", file->path));
    }
    return write_check(writer, file);
}

/* Data that has a name and no path is for whoever knows where it is. */
static int write_datasets(struct writer *writer)
{
    const struct ml_run_past *run = &writer->recipe->run;
    for (size_t i = 0; writer->recipe->has_run && i < run->n_inputs; i++) {
        const Mledger__Input *input = run->inputs[i].input;
        char text[ML_DIGEST_TEXT_SIZE] = "no digest is recorded";
        if (input->n_digests)
            ml_digest_text(input->digests[0], 0, text);
        ML_TRY(ml_shell_comment(writer->out, "the run read %s (%s): %s, says record #%" PRIu64,
                                input->name, input->role ? input->role : "in no role", text,
                                run->inputs[i].seq));
    }
    return MLEDGER_OK;
}

static int write_data(struct writer *writer)
{
    const struct ml_recipe *recipe = writer->recipe;
    ML_TRY(heading(writer, "data"));
    ML_TRY(take_locks(writer));
    for (size_t i = 0; i < recipe->n_files; i++)
        ML_TRY(write_file(writer, &recipe->files[i]));
    ML_TRY(write_datasets(writer));
    if (recipe->n_files || (recipe->has_run && recipe->run.n_inputs))
        return MLEDGER_OK;
    return ml_shell_comment(writer->out, "not known: no data is recorded");
}

/* ---- parameters ---- */

static int write_run_params(struct writer *writer)
{
    const struct ml_run_past *run = &writer->recipe->run;
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (!json)
        return ml_fail_memory();
    for (size_t i = 0; i < run->params.count; i++)
        ML_TRY(ml_json_put(json, run->params.list[i].key, ml_json_text(run->params.list[i].text)));
    ML_TRY(ml_json_dump(json, 2, &text));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    ML_TRY(ml_shell_comment(writer->out, "those of run %s, the newest value of each", run->id));
    ML_TRY(ml_buf_append_text(writer->out, "printf '%s\\n' "));
    ML_TRY(ml_shell_quote((char *)text.data, writer->out));
    return ml_buf_append_text(writer->out, " >recipe-params.json\n");
}

static int write_stage_params(struct writer *writer, const struct ml_recipe_stage *at)
{
    const Mledger__PipelineStage *stage = at->snapshot->stages[at->stage];
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(writer->reader, at->snapshot->record, &details));
    for (size_t i = 0; i < stage->n_params; i++) {
        size_t value = at->snapshot->first_param[at->stage] + i;
        bool known = details && value < details->n_param_values;
        ML_TRY(ml_shell_comment(writer->out, "stage %s, %s: %s = %s", stage->address,
                                stage->params[i]->file, stage->params[i]->key,
                                known ? details->param_values[value] : "(not known)"));
    }
    return MLEDGER_OK;
}

static int write_params(struct writer *writer)
{
    const struct ml_recipe *recipe = writer->recipe;
    ML_TRY(heading(writer, "parameters"));
    size_t empty = writer->out->len;
    if (recipe->has_run && recipe->run.params.count)
        ML_TRY(write_run_params(writer));
    for (size_t i = 0; i < recipe->n_stages; i++)
        ML_TRY(write_stage_params(writer, &recipe->stages[i]));
    return writer->out->len > empty ? MLEDGER_OK
                                    : ml_shell_comment(writer->out, "none are recorded");
}

/* ---- commands ---- */

static int write_stage(struct writer *writer, const struct ml_recipe_stage *at)
{
    const Mledger__PipelineStage *stage = at->snapshot->stages[at->stage];
    ML_TRY(ml_shell_comment(writer->out, "%sstage %s of pipeline %s, record #%" PRIu64,
                            at->inferred ? "inferred: " : "", stage->address,
                            at->snapshot->recorded->name, at->snapshot->seq));
    for (size_t i = 0; i < stage->n_command; i++) {
        ML_TRY(ml_buf_append_text(writer->out, "again "));
        ML_TRY(
            ml_shell_quote(stage->working_directory ? stage->working_directory : ".", writer->out));
        ML_TRY(line(writer, "", stage->command[i]));
    }
    if (stage->n_command == 0)
        return ml_shell_comment(writer->out, "not known: its command");
    return MLEDGER_OK;
}

static const char *tag_of(const struct ml_run_past *run, const char *key)
{
    for (size_t i = 0; i < run->tags.count; i++)
        if (strcmp(run->tags.list[i].key, key) == 0)
            return run->tags.list[i].text;
    return NULL;
}

/* MLflow runs a project by its entry point, with parameters as they were given. */
static int write_project(struct writer *writer, const char *entry)
{
    const struct ml_run_past *run = &writer->recipe->run;
    ML_CLEANUP(ml_buf_release) struct ml_buf command = {0};
    ML_TRY(ml_buf_append_text(&command, "mlflow run . -e "));
    ML_TRY(ml_shell_quote(entry, &command));
    for (size_t i = 0; i < run->params.count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf pair = {0};
        if (!run->params.list[i].text)
            continue;
        ML_TRY(ml_buf_printf(&pair, "%s=%s", run->params.list[i].key, run->params.list[i].text));
        ML_TRY(ml_buf_append_char(&pair, '\0'));
        ML_TRY(ml_buf_append_text(&command, " -P "));
        ML_TRY(ml_shell_quote((char *)pair.data, &command));
    }
    ML_TRY(ml_buf_append_char(&command, '\0'));
    return line(writer, "again .", (char *)command.data);
}

static int write_run(struct writer *writer)
{
    const struct ml_run_past *run = &writer->recipe->run;
    const char *entry = tag_of(run, "mlflow.project.entryPoint");
    const char *source = tag_of(run, "mlflow.source.name");
    if (entry)
        return write_project(writer, entry);
    if (source)
        return ml_shell_comment(writer->out, "not known: with which arguments run %s called %s",
                                run->id, source);
    return ml_shell_comment(writer->out, "not known: the command of run %s", run->id);
}

static int write_commands(struct writer *writer)
{
    const struct ml_recipe *recipe = writer->recipe;
    ML_TRY(heading(writer, "commands"));
    ML_TRY(ml_buf_append_text(writer->out,
                              "# again DIR COMMAND: shows the command; called with \"run\", runs "
                              "it\n"
                              "again() {\n"
                              "    printf '%s: %s\\n' \"$1\" \"$2\"\n"
                              "    if [ \"$how\" = run ]; then\n"
                              "        (cd -- \"$1\" && sh -c \"$2\")\n"
                              "    fi\n"
                              "}\n"));
    for (size_t i = 0; i < recipe->n_stages; i++)
        ML_TRY(write_stage(writer, &recipe->stages[i]));
    if (recipe->has_run)
        return write_run(writer);
    return recipe->n_stages ? MLEDGER_OK
                            : ml_shell_comment(writer->out, "not known: no command is recorded");
}

/* ---- all of it ---- */

static int write_top(struct writer *writer, const struct ml_draw_frame *frame)
{
    char identity[ML_HEX_SIZE(32)];
    ml_hex_encode(identity, frame->identity, 32);
    ML_TRY(ml_buf_append_text(writer->out, "#!/bin/sh\n"));
    ML_TRY(ml_shell_comment(writer->out, "code, data and parameters of %s", writer->recipe->name));
    ML_TRY(ml_shell_comment(writer->out,
                            "as ledger %s, identity %s, has them as of record #%" PRIu64 ", %s",
                            frame->ledger, identity, frame->as_of, frame->as_of_time));
    ML_TRY(ml_shell_comment(
        writer->out,
        "To be run where the DVC project is in a clone of the "
        "repository, whose work tree it changes; with the word \"run\" the commands, too."));
    ML_TRY(ml_buf_append_text(writer->out, "set -eu\nhow=${1-}\n"));
    return ml_buf_append_text(writer->out, check_function);
}

static int write_unknown(struct writer *writer, const struct ml_basis *basis)
{
    if (basis->n_unknown == 0)
        return MLEDGER_OK;
    ML_TRY(heading(writer, "not known"));
    for (size_t i = 0; i < basis->n_unknown; i++)
        ML_TRY(ml_shell_comment(writer->out, "%s", basis->unknown[i]));
    return MLEDGER_OK;
}

int ml_recipe_write(struct ml_reader *reader, const struct ml_recipe *recipe,
                    const struct ml_basis *basis, const struct ml_draw_frame *frame,
                    struct ml_buf *out)
{
    struct writer writer = {reader, recipe, out};
    ML_TRY(write_top(&writer, frame));
    ML_TRY(write_code(&writer));
    ML_TRY(write_data(&writer));
    ML_TRY(write_params(&writer));
    ML_TRY(write_commands(&writer));
    return write_unknown(&writer, basis);
}
