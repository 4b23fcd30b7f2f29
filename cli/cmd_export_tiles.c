/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger as files that any web server can hand out. */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/progress.h"
#include "export/tiles.h"

/* The newest noted checkpoint, unless one was given. */
static int find_note(const struct ml_invocation *invocation, struct ml_view *view,
                     struct ml_buf *note)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    const char *file = ml_option_text(invocation, "checkpoint", NULL);
    struct ml_noted_checkpoint noted;
    struct ml_read_checkpoint read;
    ml_arena_init(&arena, SIZE_MAX / 2);
    if (file) {
        int result = ml_read_checkpoint_file(file, &read);
        if (result >= 0)
            result = ml_buf_append(note, read.bytes.data, read.bytes.len);
        ml_read_checkpoint_release(&read);
        return result;
    }
    int result = ml_checkpoint_noted(view, MLEDGER_NO_SEQ, &arena, &noted);
    if (result == MLEDGER_ENOTFOUND) {
        (void)ml_fail(MLEDGER_ESYSTEM, "the ledger holds no checkpoint to publish");
        return ml_hint("mledger checkpoint");
    }
    ML_TRY(result);
    return ml_buf_append(note, noted.event->note.data, noted.event->note.len);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

static int write_tiles(struct ml_session *session, const char *dir, struct ml_tiles_result *result)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    struct ml_view view;
    ml_progress_start(&progress, "export", "files", ML_PROGRESS_COUNT, session->invocation->quiet);
    ML_TRY(ml_view_begin(session->ledger, &view));
    int code = find_note(session->invocation, &view, &note);
    if (code >= 0)
        code = ml_tiles_export(&view, ml_buf_span(&note), dir, take_progress, &progress, result);
    ml_view_end(&view);
    return code;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session;
    struct ml_tiles_result result;
    const char *dir = ml_argument(invocation, "DIR");
    char files[ML_HUMAN_SIZE], records[ML_HUMAN_SIZE];
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(write_tiles(&session, dir, &result));
    if (!invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN, "wrote %s file%s to %s, which covers %s record%s now",
                       ml_human_count(files, result.files), result.files == 1 ? "" : "s", dir,
                       ml_human_count(records, result.size), result.size == 1 ? "" : "s");
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:I, s:I, s:I}", "before", (json_int_t)result.before, "size",
                             (json_int_t)result.size, "files", (json_int_t)result.files);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

const struct ml_command ml_command_export_tiles = {
    .name = "export tiles",
    .summary = "Write the ledger as tiles that any web server can serve",
    .description =
        (const char *const[]){
            "A directory by C2SP tlog-tiles: the checkpoint, the hashes of its tree, and the "
            "entries, which are the signature and header of each record; no payload is in it. "
            "Whoever can read it can make every proof, and check that nothing was taken out.",
            "The newest checkpoint that the ledger notes is published. Run it again after each "
            "one: only what is new is written, and the checkpoint last.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "DIR",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_DIR},
                                               .help = "Where to; it is made. It holds nothing but "
                                                       "tiles of this ledger."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "checkpoint",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Publish this checkpoint, say one that witnesses have cosigned."},
            {.name = NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
