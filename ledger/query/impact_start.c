/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of packages: content that something was made in, though it stands among what was made. */
#include "ledger/query/impact_private.h"
#include "ledger/query/snapshot.h"

bool ml_is_environment_file(const char *path)
{
    static const char *const names[] = {
        "requirements.txt", "conda.yaml",     "conda.yml",   "python_env.yaml", "environment.yml",
        "environment.yaml", "conda-lock.yml", "poetry.lock", "uv.lock",         "pdm.lock",
        "Pipfile.lock",     "pixi.lock",      "pylock.toml", "renv.lock",       "Dockerfile",
    };
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

struct search {
    struct ml_reader *reader;
    const Mledger__Digest *digest;
    struct ml_target *found;
    size_t n_found, cap_found;
};

static bool holds_environment(const struct search *search, Mledger__Artifact *const *list,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i]->n_digests; k++)
            if (ml_digest_compare(list[i]->digests[k], search->digest) == 0 &&
                ml_is_environment_file(list[i]->path))
                return true;
    return false;
}

static int add(struct search *search, struct ml_target target)
{
    ML_TRY(ml_grow(&search->found, &search->cap_found, search->n_found + 1, sizeof target));
    search->found[search->n_found++] = target;
    return MLEDGER_OK;
}

static int look_into(struct search *search, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(search->reader, seq, &record));
    const Mledger__Event *event = record->event;
    struct ml_target target = {.kind = ML_TARGET_RUN};
    bool holds = false;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED) {
        target.seq = event->run_logged->run;
        holds = holds_environment(search, event->run_logged->outputs, event->run_logged->n_outputs);
    } else if (event->kind_case == MLEDGER__EVENT__KIND_ARTIFACT_RECORDED) {
        const bool is_of_model = event->artifact_recorded->has_logged_model;
        target.kind = is_of_model ? ML_TARGET_LOGGED_MODEL : ML_TARGET_RUN;
        target.seq =
            is_of_model ? event->artifact_recorded->logged_model : event->artifact_recorded->run;
        holds = holds_environment(search, event->artifact_recorded->artifacts,
                                  event->artifact_recorded->n_artifacts);
    } else if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED) {
        target = (struct ml_target){.kind = ML_TARGET_VERSION,
                                    .seq = event->version_registered->model,
                                    .version = event->version_registered->version};
        holds = holds_environment(search, event->version_registered->artifacts,
                                  event->version_registered->n_artifacts);
    }
    return holds ? add(search, target) : MLEDGER_OK;
}

/* Under what was made. */
static int find_holders(struct search *search, const Mledger__Digest *digest)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    struct ml_state_key prefix = ml_index_digest_prefix(
        digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), true);
    search->digest = digest;
    ML_TRY(ml_reader_seqs(search->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++)
        ML_TRY(look_into(search, seqs[i]));
    return MLEDGER_OK;
}

static void release_search(struct search *search)
{
    free(search->found);
}

int ml_impact_starts(struct ml_reader *reader, const struct ml_lineage_starts *starts,
                     struct ml_lineage_starts *ret_starts)
{
    ML_CLEANUP(release_search) struct search search = {.reader = reader};
    for (size_t i = 0; i < starts->n_targets; i++) {
        const struct ml_target *target = &starts->targets[i];
        ML_TRY(add(&search, *target));
        for (size_t k = 0; target->kind == ML_TARGET_CONTENT && k < target->n_digests; k++)
            ML_TRY(find_holders(&search, target->digests[k]));
    }
    struct ml_target *targets =
        ml_arena_calloc(&reader->arena, search.n_found + 1, sizeof *targets);
    if (!targets)
        return ml_arena_fail(&reader->arena, "the impact");
    if (search.n_found)
        memcpy(targets, search.found, search.n_found * sizeof *targets);
    *ret_starts = *starts;
    ret_starts->targets = targets;
    ret_starts->n_targets = search.n_found;
    return MLEDGER_OK;
}
