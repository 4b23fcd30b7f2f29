/* SPDX-License-Identifier: Apache-2.0 */
/* artifact add: files that a run produced. What no run made is a dataset. */
#include "cli/commands.h"
#include "cli/named.h"
#include "cli/parts.h"
#include "cli/recording.h"

static int add_path(struct ml_recording *recording, const char *path,
                    Mledger__ArtifactRecorded *recorded)
{
    Mledger__Artifact *artifact;
    struct ml_draft *draft = ml_recording_draft(recording);
    ML_TRY(ml_parts_artifact(draft, recording->session.invocation, path, &artifact));
    return ml_parts_append(draft, &recorded->artifacts, &recorded->n_artifacts, artifact);
}

static int artifact_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    Mledger__ArtifactRecorded *recorded;
    const size_t count = ml_argument_count(invocation, "PATH");
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(ml_named_run(&recording.session, ml_option_text(invocation, "run", ""), &run));
    ML_TRY(ml_recording_fact(&recording, "run_id", json_string(run.name)));
    ML_TRY(ml_recording_add(&recording, "artifact_recorded", &recorded));
    recorded->has_run = true;
    recorded->run = run.seq;
    for (size_t i = 0; i < count; i++)
        ML_TRY(add_path(&recording, ml_argument_at(invocation, "PATH", i), recorded));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "run %s: %zu artifact%s", run.name, count,
                              count == 1 ? "" : "s");
}

const struct ml_command ml_command_artifact_add = {
    .name = "artifact add",
    .summary = "Record files that a run produced",
    .description =
        (const char *const[]){
            "Each file is hashed here, by SHA-256 and MD5; a directory is one artifact, whose "
            "digest is that of its canonical manifest. The record names path, size and digests; "
            "the content stays where it is. What no run made is a dataset: see dataset add.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "PATH",
                                               .min = 1,
                                               .max = ML_ANY_NUMBER,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "A file or a directory."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "run",
                                           .value = "RUN",
                                           .rule = {.kind = ML_VALUE_RUN},
                                           .required = true,
                                           .help = "The run: its id, or runs:/ID."},
                                          ML_OPTIONS_RECORDING,
                                          {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger artifact add --run 4f2a model.pkl plots/",
                                             "Record a model and a directory of plots."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = artifact_add,
};
