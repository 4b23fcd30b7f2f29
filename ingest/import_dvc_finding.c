/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where lock, dvc.yaml, files and commit disagree. The event names what and where, with digests
 * where content disagrees; texts (a command, a parameter's value) stand in the report alone.
 */
#include "ingest/import_dvc_state.h"

static const Mledger__DisagreementKind kinds[ML_DVC_FINDINGS] = {
    [ML_DVC_STAGE_NOT_IN_YAML] = MLEDGER__DISAGREEMENT_KIND__STAGE_NOT_IN_DVC_YAML,
    [ML_DVC_STAGE_NOT_LOCKED] = MLEDGER__DISAGREEMENT_KIND__STAGE_NOT_IN_LOCK,
    [ML_DVC_COMMAND_CHANGED] = MLEDGER__DISAGREEMENT_KIND__COMMAND_CHANGED,
    [ML_DVC_ITEM_NOT_LOCKED] = MLEDGER__DISAGREEMENT_KIND__ITEM_NOT_IN_LOCK,
    [ML_DVC_ITEM_NOT_IN_YAML] = MLEDGER__DISAGREEMENT_KIND__ITEM_NOT_IN_DVC_YAML,
    [ML_DVC_PARAM_CHANGED] = MLEDGER__DISAGREEMENT_KIND__PARAM_CHANGED,
    [ML_DVC_PARAM_NOT_LOCKED] = MLEDGER__DISAGREEMENT_KIND__PARAM_NOT_IN_LOCK,
    [ML_DVC_HASH_CHANGED] = MLEDGER__DISAGREEMENT_KIND__FILE_CHANGED,
    [ML_DVC_COMMIT_HASH_CHANGED] = MLEDGER__DISAGREEMENT_KIND__COMMIT_CHANGED,
    [ML_DVC_LINES_CHANGED] = MLEDGER__DISAGREEMENT_KIND__LINES_CHANGED,
    [ML_DVC_TEMPLATE_UNRESOLVED] = MLEDGER__DISAGREEMENT_KIND__TEMPLATE_UNRESOLVED,
    [ML_DVC_OUTPUT_DUPLICATE] = MLEDGER__DISAGREEMENT_KIND__OUTPUT_DUPLICATE,
    [ML_DVC_OUTPUT_OVERLAP] = MLEDGER__DISAGREEMENT_KIND__OUTPUT_OVERLAP,
    [ML_DVC_HASH_INCONSISTENT] = MLEDGER__DISAGREEMENT_KIND__HASH_INCONSISTENT,
    [ML_DVC_CYCLE] = MLEDGER__DISAGREEMENT_KIND__STAGE_CYCLE,
    [ML_DVC_FILE_BROKEN] = MLEDGER__DISAGREEMENT_KIND__FILE_BROKEN,
};

struct findings {
    struct ml_import_dvc *import;
    struct ml_draft *draft;
    struct ml_table stages; /* by address: struct ml_dvc_stage */
};

static void findings_release(struct findings *findings)
{
    ml_table_release(&findings->stages);
}

static bool is_about_content(enum ml_dvc_finding_kind kind)
{
    return kind == ML_DVC_HASH_CHANGED || kind == ML_DVC_COMMIT_HASH_CHANGED ||
           kind == ML_DVC_LINES_CHANGED || kind == ML_DVC_HASH_INCONSISTENT;
}

static const struct ml_dvc_item *item_in(const struct ml_dvc_item *items, size_t count,
                                         const struct ml_dvc_finding *finding)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].hash && strcmp(items[i].full, finding->path) == 0 && finding->recorded &&
            strcmp(items[i].hash, finding->recorded) == 0)
            return &items[i];
    return NULL;
}

/* How the hashes of a finding are called. */
static const char *hash_name_of(const struct findings *findings,
                                const struct ml_dvc_finding *finding)
{
    const struct ml_dvc_stage *stage =
        finding->stage ? ml_table_get(&findings->stages, finding->stage) : NULL;
    const struct ml_dvc_item *item = NULL;
    if (stage && finding->path)
        item = item_in(stage->deps, stage->deps_count, finding);
    if (stage && finding->path && !item)
        item = item_in(stage->outs, stage->outs_count, finding);
    return item ? item->hash_name : NULL;
}

static int put_digests(const struct findings *findings, const struct ml_dvc_finding *finding,
                       Mledger__Disagreement *disagreement)
{
    const char *hash_name = hash_name_of(findings, finding);
    const Mledger__Standing standing = finding->kind == ML_DVC_HASH_INCONSISTENT
                                           ? MLEDGER__STANDING__CLAIMED
                                           : MLEDGER__STANDING__SEEN;
    ML_TRY(ml_import_dvc_digest(findings->draft, hash_name, finding->recorded,
                                MLEDGER__STANDING__CLAIMED, &disagreement->expected));
    return ml_import_dvc_digest(findings->draft, hash_name, finding->found, standing,
                                &disagreement->found);
}

static int make_disagreement(const struct findings *findings, const struct ml_dvc_finding *finding,
                             struct ml_import_list *list)
{
    struct ml_draft *draft = findings->draft;
    Mledger__Disagreement *disagreement =
        ml_draft_message(draft, &mledger__disagreement__descriptor);
    if (!disagreement)
        return ml_arena_fail(&draft->arena, "a pipeline");
    disagreement->kind = kinds[finding->kind];
    ML_TRY(ml_import_text(draft, finding->stage, &disagreement->stage));
    ML_TRY(ml_import_text(draft, finding->path, &disagreement->path));
    if (is_about_content(finding->kind))
        ML_TRY(put_digests(findings, finding, disagreement));
    return ml_import_list_add(list, disagreement);
}

static int report_finding(const struct ml_import_dvc *import, const struct ml_dvc_finding *finding)
{
    const struct ml_import_disagreement one = {
        .kind = ml_dvc_finding_name(finding->kind),
        .stage = finding->stage,
        .path = finding->path,
        .recorded = finding->recorded,
        .found = finding->found,
        .commit = import->history ? import->project->commit.id : NULL,
    };
    return ml_import_report_disagreement(import->batch->report, &one);
}

int ml_import_dvc_findings(struct ml_import_dvc *import, struct ml_draft *draft,
                           Mledger__PipelineSnapshot *snapshot)
{
    const struct ml_dvc_project *project = import->project;
    ML_CLEANUP(findings_release) struct findings findings = {.import = import, .draft = draft};
    ML_CLEANUP(ml_import_list_release) struct ml_import_list list = {0};
    for (size_t i = 0; i < project->stages_count; i++)
        ML_TRY(ml_table_put(&findings.stages, project->stages[i].address, &project->stages[i]));
    for (size_t i = 0; i < project->findings_count; i++) {
        ML_TRY(make_disagreement(&findings, &project->findings[i], &list));
        ML_TRY(report_finding(import, &project->findings[i]));
    }
    return ml_import_list_move(&list, draft, &snapshot->disagreements, &snapshot->n_disagreements);
}
