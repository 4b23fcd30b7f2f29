/* SPDX-License-Identifier: Apache-2.0 */
/* run log: parameters, metrics, tags, inputs and outputs, in one record. */
#include "cli/commands.h"
#include "cli/named.h"
#include "cli/run_values.h"

/* "run 4f2a: 2 params, 1 metric" */
static int print_counts(struct ml_recording *recording, const char *run,
                        const Mledger__RunLogged *logged)
{
    const struct {
        size_t count;
        const char *noun;
    } parts[] = {{logged->n_params, "param"},
                 {logged->n_metrics, "metric"},
                 {logged->n_tags, "tag"},
                 {logged->n_inputs, "input"},
                 {logged->n_outputs, "output"}};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < ML_COUNT(parts); i++)
        if (parts[i].count)
            ML_TRY(ml_buf_printf(&text, "%s%zu %s%s", text.len ? ", " : "", parts[i].count,
                                 parts[i].noun, parts[i].count == 1 ? "" : "s"));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return ml_recording_print(recording, "run %s: %s", run, (char *)text.data);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const char *const values[] = {"param", "metric", "tag", "input", "output", NULL};
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    Mledger__RunLogged *logged;
    ML_TRY(ml_recording_open(invocation, out, &recording));
    if (!ml_run_values_given(invocation, values))
        return ml_fail(MLEDGER_EUSAGE, "nothing to log: give --param, --metric, --tag, --input or "
                                       "--output");
    ML_TRY(ml_named_run(&recording.session, ml_argument(invocation, "RUN"), &run));
    ML_TRY(ml_recording_add(&recording, "run_logged", &logged));
    logged->run = run.seq;
    ML_TRY(ml_run_values_params(&recording, logged));
    ML_TRY(ml_run_values_metrics(&recording, logged));
    ML_TRY(ml_run_values_tags(&recording, logged));
    ML_TRY(ml_run_values_inputs(&recording, logged));
    ML_TRY(ml_run_values_outputs(&recording, logged));
    ML_TRY(ml_recording_fact(&recording, "run_id", json_string(run.name)));
    ML_TRY(ml_recording_commit(&recording));
    return print_counts(&recording, run.name, logged);
}

const struct ml_command ml_command_run_log = {
    .name = "run log",
    .summary = "Log parameters, metrics, inputs and outputs of a run",
    .description =
        (const char *const[]){
            "Everything given in one call becomes one record. A metric is kept as the number and "
            "as the text that was written; its step is 0 unless given.",
            "CONTENT of an input is a path (hashed here), a digest (sha256:HEX, md5:HEX, ...: "
            "claimed), dataset:NAME (the newest version that the ledger holds) or models:/NAME/"
            "VERSION.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "RUN",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_RUN},
                                               .help = "The run: its id, or runs:/ID."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTION_PARAM,
            {.name = "metric",
             .letter = 'm',
             .value = "KEY=NUMBER[@STEP]",
             .repeated = true,
             .help = "Log a metric."},
            ML_OPTION_TAG,
            {.name = "input",
             .value = "NAME[:ROLE]=CONTENT",
             .repeated = true,
             .help = "What the run read, as the role training, validation, test or another."},
            {.name = "output",
             .value = "PATH",
             .rule = {.kind = ML_VALUE_FILE},
             .repeated = true,
             .help = "A file or directory that the run produced; it is hashed here."},
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger run log 4f2a --param lr=0.1 --metric auc=0.93@10", "Log two values."},
            {"mledger run log 4f2a --input train:training=data/train.csv --output model.pkl",
             "Say what it read and what it made."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
