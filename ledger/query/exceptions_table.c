/* SPDX-License-Identifier: Apache-2.0 */
/* The checks by name. */
#include "ledger/query/exceptions_private.h"

const struct exception_row exception_rows[ML_EXCEPTION_CHECKS] = {
    {{"production-unapproved", "A version entered Production, and nobody ever approved that",
      "No approval of the version for Production is recorded, or those that were granted before "
      "were withdrawn. Also of versions that an import found in Production.",
      false},
     .of_version = exception_unapproved},
    {{"approval-late", "A version entered Production before it was approved",
      "The first approval that was granted was recorded after the transition.", false},
     .of_version = exception_approval_late},
    {{"approval-same-person",
      "Who approved a version for Production also trained, registered or moved it",
      "By the keys that signed and stated; where one of them is not known, that is said.", false},
     .of_version = exception_same_person},
    {{"production-without-staging",
      "A version took the place of another in Production and never was in Staging",
      "Another version was in Production when it entered, and it was in no stage called Staging "
      "before.",
      false},
     .of_version = exception_no_staging},
    {{"no-load-test", "A version entered Production without a load test before",
      "No validation before that has load, loadtest or stress in its name or in that "
      "of a check. A test before registration can be recorded only of its run: a tag, metric or "
      "parameter with such a name counts.",
      false},
     .of_version = exception_no_load_test,
     .run = true},
    {{"no-drift-check", "A version is in Production, and data drift was never looked at",
      "No validation since its registration has drift in its name or in that of a check.", false},
     .of_version = exception_no_drift_check},
    {{"recorded-late", "What was done with a version was recorded more than a day later",
      "A transition, decision, validation or deployment claims a time more than a day before it "
      "was recorded. What an import found elsewhere does not count: it is later by nature.",
      false},
     .of_version = exception_recorded_late},
    {{"version-without-run", "No run is recorded that a version came from",
      "It names none, or one by its id that no record starts.", false},
     .of_version = exception_no_run,
     .run = true},
    {{"no-commit", "No code commit is recorded of the run that a version came from",
      "Neither with the run nor as its tag mlflow.source.git.commit, git_sha or code_version.",
      false},
     .of_version = exception_no_commit,
     .run = true},
    {{"no-data-digest", "Training data is recorded without a digest, or not at all",
      "The run of a version names no input for training, or one without digest; unless a person "
      "confirmed which pipeline stage the run was.",
      false},
     .of_version = exception_no_data,
     .run = true},
    {{"data-unrecorded", "Training data has a digest that nothing else in the ledger names",
      "No dataset, and nothing that a run or stage made, has the content that the run of a version "
      "read for training.",
      false},
     .of_version = exception_data_unrecorded,
     .run = true},
    {{"leak", "The same data was used for training and held out to test on",
      "Inputs of one run, or of the validations of its version, with equal digests: in a training "
      "role (training, train, none) and in a held-out one (test, validation, holdout, eval). "
      "Validations with drift or load in their name are no such test.",
      false},
     .of_version = exception_leak,
     .run = true},
    {{"leak-derived", "Training data was made from data that is held out, or the other way round",
      "By the lineage of the inputs, joined by content too.", false},
     .of_version = exception_leak_derived,
     .run = true,
     .walks = true},
    {{"leak-ancestor", "Training and held-out data come from common data",
      "By the lineage of the inputs. So it is with every split, so it is looked for only when it "
      "is named: look at what made the two.",
      true},
     .of_version = exception_leak_ancestor,
     .run = true,
     .walks = true},
    {{"dirty-run", "A run that a version came from had changes that were not committed",
      "Its tag mlflow.git.dirty, git.dirty or git_dirty says so; where there is none it is not "
      "known.",
      false},
     .of_version = exception_dirty_run,
     .run = true},
    {{"no-dependency-log", "Which packages a version was trained with is not recorded",
      "Neither run nor version has an artifact called requirements.txt, conda.yaml, "
      "python_env.yaml, environment.yml or as a lock file of a package manager.",
      false},
     .of_version = exception_no_dependencies,
     .run = true},
    {{"run-not-ended", "A run was started more than a day ago and never ended",
      "No record of it is newer than a day before the moment asked about.", false},
     .of_run = exception_not_ended},
    {{"dirty-tree", "A pipeline was recorded with changes that were not committed",
      "Of the newest snapshot of each pipeline.", false},
     .of_pipeline = exception_dirty_pipeline},
    {{"no-remote", "A DVC project has no remote, so its data is in one place only",
      "Of the newest snapshot of each pipeline, where it says whether there is one.", false},
     .of_pipeline = exception_no_remote},
    {{"lock-ignored", "Git ignores dvc.lock, so commits do not say what ran",
      "Of the newest snapshot of each pipeline, where it says whether it does.", false},
     .of_pipeline = exception_lock_ignored},
    {{"script-not-tracked", "A stage runs a script that is not among its dependencies",
      "A word of its command ends like a script (.py, .r, .jl, .sh, .ipynb, .pl, .js) and is "
      "neither a dependency nor in one. A change of it does not make the stage run again.",
      false},
     .of_pipeline = exception_script},
};

const struct ml_exception_check *const ml_exception_checks[ML_EXCEPTION_CHECKS] = {
    &exception_rows[0].check,  &exception_rows[1].check,  &exception_rows[2].check,
    &exception_rows[3].check,  &exception_rows[4].check,  &exception_rows[5].check,
    &exception_rows[6].check,  &exception_rows[7].check,  &exception_rows[8].check,
    &exception_rows[9].check,  &exception_rows[10].check, &exception_rows[11].check,
    &exception_rows[12].check, &exception_rows[13].check, &exception_rows[14].check,
    &exception_rows[15].check, &exception_rows[16].check, &exception_rows[17].check,
    &exception_rows[18].check, &exception_rows[19].check, &exception_rows[20].check,
};

size_t ml_exception_check_find(const char *name)
{
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        if (strcmp(exception_rows[i].check.name, name) == 0)
            return i;
    return SIZE_MAX;
}
