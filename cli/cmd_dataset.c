/* SPDX-License-Identifier: Apache-2.0 */
/* dataset add, dataset manifest: data, identified by its content. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/named.h"
#include "cli/parts.h"
#include "cli/recording.h"
#include "ledger/core/hex.h"

static int set_text(struct ml_draft *draft, char **place, const char *text)
{
    *place = ml_draft_text(draft, text);
    return text && !*place ? ml_fail_memory() : MLEDGER_OK;
}

/* ---- unchanged? ---- */

static bool holds(const Mledger__DatasetRecorded *recorded, const struct ml_manifest *manifest)
{
    for (size_t i = 0; i < recorded->n_digests; i++)
        if (recorded->digests[i]->algorithm == MLEDGER__ALGORITHM__SHA256 &&
            memcmp(recorded->digests[i]->value.data, manifest->sha256, ML_HASH_SIZE) == 0)
            return true;
    return false;
}

/* Whether the tag stands in the state with this value. */
static int is_tag_set(struct ml_reader *reader, uint64_t dataset, const struct ml_pair *pair,
                      bool *ret_set)
{
    struct ml_state_key key;
    Mledger__FieldState *field;
    const struct ml_record *record;
    const Mledger__Details *details;
    *ret_set = false;
    const char *name = ml_arena_text(&reader->arena, (const char *)pair->key.data, pair->key.len);
    if (!name)
        return ml_fail_memory();
    ML_TRY(ml_key_field(dataset, 0, ML_FIELD_TAG, name, &key));
    const int result = ml_state_load(reader->view->state, ml_state_key_span(&key),
                                     &mledger__field_state__descriptor, &reader->arena, &field);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_record(reader, field->seq, &record));
    ML_TRY(ml_reader_details(reader, record, &details));
    *ret_set = details && field->index < details->n_tag_values &&
               strcmp(details->tag_values[field->index], pair->value) == 0;
    return MLEDGER_OK;
}

static int are_tags_set(struct ml_reader *reader, const struct ml_invocation *invocation,
                        uint64_t dataset, bool *ret_set)
{
    *ret_set = true;
    for (size_t i = 0; *ret_set && i < ml_option_count(invocation, "tag"); i++) {
        struct ml_pair pair;
        ML_TRY(ml_values_pair("--tag", ml_option_at(invocation, "tag", i), &pair));
        ML_TRY(is_tag_set(reader, dataset, &pair, ret_set));
    }
    return MLEDGER_OK;
}

/* What is to be recorded. */
struct candidate {
    const struct ml_invocation *invocation;
    const char *name;
    const struct ml_manifest *manifest;
};

/* The record that says all of it already, MLEDGER_NO_SEQ if none does. */
static int find_same(struct ml_reader *reader, const struct candidate *candidate, uint64_t *ret_seq)
{
    const char *source = ml_option_text(candidate->invocation, "source", NULL);
    const Mledger__SubjectState *state;
    const struct ml_record *record;
    uint64_t dataset;
    *ret_seq = MLEDGER_NO_SEQ;
    const int result =
        ml_reader_find(reader, MLEDGER__SUBJECT_KIND__DATASET, candidate->name, &dataset);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(ml_reader_subject(reader, dataset, &state));
    ML_TRY(ml_reader_record(reader, state->newest_record, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return MLEDGER_OK;
    const Mledger__DatasetRecorded *recorded = record->event->dataset_recorded;
    const bool same_source =
        !source || (recorded->source_uri && strcmp(recorded->source_uri, source) == 0);
    bool same_tags;
    ML_TRY(are_tags_set(reader, candidate->invocation, dataset, &same_tags));
    if (holds(recorded, candidate->manifest) && same_source && same_tags)
        *ret_seq = state->newest_record;
    return MLEDGER_OK;
}

static int find_unchanged(struct ml_session *session, const struct candidate *candidate,
                          uint64_t *ret_seq)
{
    struct ml_view view;
    struct ml_reader reader;
    ML_TRY(ml_view_begin(session->ledger, &view));
    ml_reader_init(&reader, &view, view.head.size - 1);
    const int result = find_same(&reader, candidate, ret_seq);
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result;
}

/* ---- dataset add ---- */

static int fill(const struct ml_invocation *invocation, struct ml_draft *draft,
                struct ml_manifest *manifest, Mledger__DatasetRecorded *recorded)
{
    recorded->has_size = true;
    recorded->size = manifest->size;
    recorded->has_files = manifest->is_directory;
    recorded->files = manifest->files;
    ML_TRY(set_text(draft, &recorded->name, ml_argument(invocation, "NAME")));
    ML_TRY(set_text(draft, &recorded->source_uri, ml_option_text(invocation, "source", NULL)));
    ML_TRY(set_text(draft, &draft->details->source, ml_argument(invocation, "PATH")));
    ML_TRY(ml_parts_directory(draft));
    ML_TRY(ml_parts_append_seen(draft, manifest, &recorded->digests, &recorded->n_digests));
    ML_TRY(ml_parts_add_tags(draft, invocation, "tag", &recorded->tags, &recorded->n_tags));
    return manifest->is_directory ? ml_draft_attach(draft, &manifest->text, &recorded->manifest)
                                  : MLEDGER_OK;
}

/* "train: 12 files, 3.4 MiB, sha256:…" */
static void describe(const struct ml_manifest *manifest, char *text, size_t size)
{
    char bytes[ML_HUMAN_SIZE], count[ML_HUMAN_SIZE], hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, manifest->sha256, ML_HASH_SIZE);
    ml_human_size(bytes, manifest->size);
    ml_human_count(count, manifest->files);
    if (manifest->is_directory)
        snprintf(text, size, "%s file%s, %s, sha256:%s", count, manifest->files == 1 ? "" : "s",
                 bytes, hex);
    else
        snprintf(text, size, "%s, sha256:%s", bytes, hex);
}

static int add_facts(struct ml_recording *recording, const char *name,
                     const struct ml_manifest *manifest)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, manifest->sha256, ML_HASH_SIZE);
    ML_TRY(ml_recording_fact(recording, "dataset", json_string(name)));
    ML_TRY(ml_recording_fact(recording, "digest", json_sprintf("sha256:%s", hex)));
    ML_TRY(ml_recording_fact(recording, "size", json_integer((json_int_t)manifest->size)));
    if (!manifest->is_directory)
        return MLEDGER_OK;
    return ml_recording_fact(recording, "files", json_integer((json_int_t)manifest->files));
}

static int print_unchanged(struct ml_recording *recording, const char *name, uint64_t seq)
{
    struct ml_output *out = recording->session.out;
    if (!recording->session.invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN,
                       "dataset %s is unchanged since record #%" PRIu64 "; nothing recorded", name,
                       seq);
        return MLEDGER_OK;
    }
    ML_TRY(ml_recording_fact(recording, "unchanged_since", json_integer((json_int_t)seq)));
    ml_output_json(out, recording->facts);
    return MLEDGER_OK;
}

static int dataset_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    ML_CLEANUP(ml_manifest_release) struct ml_manifest manifest = {0};
    Mledger__DatasetRecorded *recorded;
    uint64_t same;
    char text[256];
    const char *name = ml_argument(invocation, "NAME");
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(ml_parts_read(invocation, ml_argument(invocation, "PATH"), &manifest));
    const struct candidate candidate = {invocation, name, &manifest};
    ML_TRY(find_unchanged(&recording.session, &candidate, &same));
    ML_TRY(add_facts(&recording, name, &manifest));
    if (same != MLEDGER_NO_SEQ)
        return print_unchanged(&recording, name, same);
    describe(&manifest, text, sizeof text);
    ML_TRY(ml_recording_add(&recording, "dataset_recorded", &recorded));
    ML_TRY(fill(invocation, ml_recording_draft(&recording), &manifest, recorded));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "dataset %s: %s", name, text);
}

const struct ml_command ml_command_dataset_add = {
    .name = "dataset add",
    .summary = "Record a dataset by the content of a file or directory",
    .description =
        (const char *const[]){
            "A file is hashed by SHA-256 and MD5. A directory's identity is the SHA-256 of its "
            "canonical manifest (names, sizes, modes and digests of its files), which is kept in "
            "the ledger; links are followed, and what is named .git, .dvc or .mledger is left "
            "out. The content itself stays where it is.",
            "The first record of a name begins a dataset, later ones are its versions. Content "
            "that is unchanged since the newest version is not recorded again.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "NAME", .min = 1, .max = 1, .help = "The dataset's name."},
            {.name = "PATH",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_FILE},
             .help = "The file or directory."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "source", .value = "URI", .help = "Where it comes from."},
            ML_OPTION_TAG,
            ML_OPTION_DESCRIPTION,
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger dataset add train data/train --source s3://bucket/train",
             "Record a directory."},
            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = dataset_add,
};

/* ---- dataset manifest ---- */

static int dataset_manifest(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_manifest_release) struct ml_manifest manifest = {0};
    const char *path = ml_argument(invocation, "PATH");
    ML_TRY(ml_parts_read(invocation, path, &manifest));
    if (!manifest.is_directory)
        return ml_fail(MLEDGER_EUSAGE, "'%s' is a file; only a directory has a manifest", path);
    ml_output_raw(out, manifest.text.data, manifest.text.len);
    return MLEDGER_OK;
}

const struct ml_command ml_command_dataset_manifest = {
    .name = "dataset manifest",
    .summary = "Print the canonical manifest of a directory",
    .description = (const char *const[]){"These are the bytes whose SHA-256 'dataset add' records; "
                                         "nothing is recorded. Names are escaped in it.",
                                         NULL},
    .arguments = (const struct ml_argument[]){{.name = "PATH",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_DIR},
                                               .help = "The directory."},
                                              {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger dataset manifest data/train | sha256sum",
                                             "Compute a dataset's identity."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = dataset_manifest,
};
