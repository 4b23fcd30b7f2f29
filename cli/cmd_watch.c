/* SPDX-License-Identifier: Apache-2.0 */
/* watch: imports what changes in a project, without hooks. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/follow.h"
#include "ingest/dvc_print.h"

static int join(const char *dir, const char *name, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    ML_TRY(ml_buf_append(&path, dir, len));
    ML_TRY(ml_buf_printf(&path, "/%s", name));
    return ml_buf_take_text(&path, ret_path);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    const char *dir = ml_argument(invocation, "DIR");
    ML_CLEANUP(ml_freep) char *store = NULL;
    ML_CLEANUP(ml_freep) char *database = NULL;
    ML_CLEANUP(ml_importing_release) struct ml_importing importing;
    ML_TRY(ml_importing_open(invocation, out, dir, &importing));
    ML_TRY(join(dir, "mlruns", &store));
    ML_TRY(join(dir, "mlflow.db", &database));
    uint8_t print[ML_HASH_SIZE];
    ML_TRY(ml_dvc_print(dir, print)); /* so that a folder that is not there is an error */
    importing.options.name = ml_option_text(invocation, "name", NULL);
    importing.options.skip_hashing = ml_option_given(invocation, "no-hash");
    struct ml_follow_source sources[] = {
        {.kind = "dvc", .place = dir, .run = ml_import_dvc, .look = ml_dvc_print},
        {.kind = "mlflow", .place = store, .run = ml_import_mlflow},
        {.kind = "mlflow", .place = database, .run = ml_import_mlflow},
    };
    return ml_follow(&importing, sources, ML_COUNT(sources));
}

const struct ml_command ml_command_watch = {
    .name = "watch",
    .summary = "Import what changes in a project, as it changes",
    .description =
        (const char *const[]){
            "Looks at DIR again and again: at the files of a DVC project and the commit that is "
            "checked out, at the folder mlruns and the database mlflow.db, where they are there. "
            "What is new is imported as by 'mledger import', and told in one line for each import.",
            "A change is imported once nothing changed from one look to the next. That data files "
            "changed while DVC's files did not is not noticed: 'mledger check' finds that.",
            "SIGINT and SIGTERM end it between two imports.", NULL},
    .arguments = (const struct ml_argument[]){{.name = "DIR",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_DIR},
                                               .help = "The project's root."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "name",
             .value = "NAME",
             .help = "As for 'mledger import dvc' and 'mledger import mlflow'."},
            {.name = "no-hash", .help = "Do not read the data: all digests are claimed."},
            ML_OPTION_INTERVAL,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger watch . --interval 30s",
                                             "In a service, where hooks cannot be installed."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run,
};
