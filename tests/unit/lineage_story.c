/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/lineage_story.h"

static const char dataset[] =
    "{\"dataset_recorded\": {\"name\": \"raw\", \"digests\": [{\"digest\": \"" SHA(
        "11") "\", \"standing\": \"seen\"}, \"" MD5("aa") "\"], \"source_type\": \"s3\", "
                                                          "\"source_uri\": \"s3://bucket/raw\"}}";

static const char pipeline[] =
    "{\"pipeline_recorded\": {\"name\": \"churn-dvc\", \"commit\": "
    "\"" GIT("c1") "\", \"snapshot\": {\"stages\": ["
                   "{\"address\": \"prepare\", \"command\": [\"python "
                   "prepare.py\"], \"locked\": true, "
                   "\"deps\": [{\"path\": \"raw.csv\", \"digests\": "
                   "[\"" MD5(
                       "aa") "\"]}], \"outs\": [{\"path\": "
                             "\"clean.csv\", \"digests\": [\"" MD5(
                                 "bb") "\"]}]},"
                                       "{\"address\": \"train\", "
                                       "\"command\": [\"python "
                                       "train.py\"], \"locked\": "
                                       "true, "
                                       "\"deps\": [{\"path\": "
                                       "\"clean.csv\", "
                                       "\"producers\": [0], "
                                       "\"digests\": [\"" MD5(
                                           "bb") "\"]}], \"outs\": [{\"path\": \"model.pkl\", "
                                                 "\"digests\": [\"" MD5("cc") "\"]}], "
                                                                              "\"params\": "
                                                                              "[{\"file\": "
                                                                              "\"params.yaml\","
                                                                              " \"key\": "
                                                                              "\"train.lr\"}, "
                                                                              "{\"file\": "
                                                                              "\"params.yaml\","
                                                                              " \"key\": "
                                                                              "\"train.depth\"}"
                                                                              ", "
                                                                              "{\"file\": "
                                                                              "\"params.yaml\","
                                                                              " \"key\": "
                                                                              "\"seed\"}, "
                                                                              "{\"file\": "
                                                                              "\"params.yaml\","
                                                                              " \"key\": "
                                                                              "\"train."
                                                                              "epochs\"}]}]}}, "
                                                                              "\"details\": "
                                                                              "{\"param_"
                                                                              "values\": "
                                                                              "[\"0.10\", "
                                                                              "\"6\", \"42\", "
                                                                              "\"20\"]}}";

static void add(struct fixture *fixture, uint64_t seq, const char *line)
{
    assert_int_equal(fixture_add(fixture, line), seq);
}

static void add_governance(struct fixture *fixture)
{
    add(fixture, STORY_VALIDATION,
        "{\"validation_recorded\": {\"model\": \"churn\", \"version\": 1, \"name\": \"holdout\", "
        "\"outcome\": \"passed\", \"checks\": [{\"name\": \"auc\", \"outcome\": \"passed\"}]}, "
        "\"details\": {\"check_values\": [\"0.91\"]}}");
    struct ml_draft *draft = fixture_draft("{\"approval_recorded\": {\"model\": \"churn\", "
                                           "\"version\": 1, \"stage\": \"Production\", "
                                           "\"decision\": \"granted\"}}");
    fixture_state(fixture, draft, BOB, MLEDGER__MEANING__APPROVED);
    uint64_t seq;
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, &seq), 0);
    assert_int_equal(seq, STORY_APPROVAL);
    add(fixture, STORY_TRANSITION,
        "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, \"to_stage\": "
        "\"Production\"}, \"details\": {\"reason\": \"better\"}}");
    add(fixture, STORY_ALIAS,
        "{\"alias_set\": {\"model\": \"churn\", \"version\": 1, \"alias\": \"champion\"}}");
    add(fixture, STORY_DEPLOYMENT,
        "{\"deployment_recorded\": {\"endpoint\": \"scoring\", \"targets\": [{\"model\": "
        "\"churn\", \"version\": 1, \"share_ppm\": 1000000}]}}");
}

static void add_descendants(struct fixture *fixture)
{
    add(fixture, STORY_DERIVED_RUN, "{\"run_started\": {\"run_id\": \"r2\"}}");
    add(fixture, STORY_DERIVED_LOGGED,
        "{\"run_logged\": {\"run\": \"r2\", \"inputs\": [{\"name\": \"base\", \"model_ref\": "
        "\"churn\", \"version\": 1}]}}");
    add(fixture, STORY_DERIVED,
        "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r2\", \"base_models\": "
        "[{\"model_ref\": \"churn\", \"version\": 1}]}}");
    add(fixture, STORY_UNSEEN,
        "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"ghost\"}}");
    add(fixture, STORY_MOVED,
        "{\"alias_set\": {\"model\": \"churn\", \"version\": 2, \"alias\": \"champion\"}}");
}

void story_add(struct fixture *fixture)
{
    fixture_add_bob(fixture);
    add(fixture, STORY_DATASET, dataset);
    add(fixture, STORY_PIPELINE, pipeline);
    add(fixture, STORY_EXPERIMENT,
        "{\"experiment_created\": {\"experiment_id\": \"7\", \"name\": \"churn-exp\"}}");
    add(fixture, STORY_RUN,
        "{\"run_started\": {\"run_id\": \"r1\", \"experiment\": \"churn-exp\", \"commit\": \"" GIT(
            "c1") "\"}}");
    add(fixture, STORY_LOGGED,
        "{\"run_logged\": {\"run\": \"r1\", \"params\": [\"lr\", \"train.depth\", "
        "\"params.yaml:seed\", \"epochs\"], \"inputs\": [{\"name\": \"train-set\", \"role\": "
        "\"training\", \"digests\": [\"" MD5("bb") "\"]}]}, \"details\": {\"param_values\": "
                                                   "[\"0.1\", \"6\", \"42\", \"30\"]}}");
    add(fixture, STORY_ARTIFACT,
        "{\"artifact_recorded\": {\"run\": \"r1\", \"artifacts\": [{\"path\": \"model.pkl\", "
        "\"digests\": [\"" SHA("44") "\"]}]}}");
    add(fixture, STORY_MODEL, "{\"model_created\": {\"name\": \"churn\"}}");
    add(fixture, STORY_VERSION,
        "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\", \"artifacts\": "
        "[{\"path\": \"model.pkl\", \"digests\": [\"" SHA("44") "\"]}]}}");
    add_governance(fixture);
    add_descendants(fixture);
}
