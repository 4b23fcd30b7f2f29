#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Importing DVC projects and MLflow stores, on the project's own sample.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

SAMPLE=$TESTS_CLI/../samples/churn
ok 'a ledger' "$MLEDGER" init --name demo --no-passphrase
ok 'the sample' "$SAMPLE/unpack.sh" "$PWD/churn"


# ---- DVC ----

ok 'imports a DVC project' "$MLEDGER" import dvc churn
expect_stdout_has 'says what it read' 'read 5 stages, 1 dataset'
expect_stdout_has 'says what it appended' 'appended 2 records'
expect_stdout_has 'counts kinds' 'pipeline_recorded  1'
expect_stdout_has 'shows the planted change of a parameter' 'params.yaml:train'
expect_stdout_has 'and of a file' 'src/evaluate.py'
expect_stdout_has 'with what the lock says' 'beef72fb1da91fb45ab8b821838effb7'

ok 'imports it again' "$MLEDGER" import dvc churn
expect_stdout_has 'appends nothing' 'nothing new'

ok 'fails on disagreements only when asked to' test_must_fail 1 "$MLEDGER" import dvc --strict churn
ok 'JSON' "$MLEDGER" import dvc --json churn
expect_stdout_has 'has the disagreements' '"kind":"param-changed","stage":"train"'
expect_stdout_has 'and nothing appended' '"appended":0'

sed -i 's/md5: [0-9a-f]\{32\}$/md5: 0123456789abcdef0123456789abcdef/;t' churn/dvc.lock
ok 'imports a changed lock' "$MLEDGER" import dvc --json churn
expect_stdout_has 'as one more record of the pipeline' '"pipeline_recorded":1'

ok 'takes another name' "$MLEDGER" import dvc --json --no-hash --name other churn
expect_stdout_has 'for another pipeline' '"dataset_recorded":1,"pipeline_recorded":1'

mkdir broken && cp -r churn/.dvc broken
printf 'stages:\n  a:\n    cmd: [\n' >broken/dvc.yaml
ok 'refuses a broken file' test_must_fail 3 "$MLEDGER" import dvc broken
expect_stderr_has 'naming file and line' 'dvc.yaml:'
ok 'goes on without it when asked to' test_must_fail 1 "$MLEDGER" import dvc --keep-going broken
expect_stdout_has 'and says what was left out' 'left out: 1'
mkdir nothing
ok 'finds no project' test_must_fail 1 "$MLEDGER" import dvc nothing

# ---- MLflow ----

ok 'imports an MLflow store' "$MLEDGER" import mlflow --json churn
expect_stdout_has 'its runs' '"run_started":4'
expect_stdout_has 'its versions' '"version_registered":3'
expect_stdout_has 'their stages' '"stage_imported":3'
expect_stdout_has 'and aliases' '"alias_set":3'
ok 'imports it again' "$MLEDGER" import mlflow churn/mlruns
expect_stdout_has 'appends nothing' 'nothing new'

run=$(find churn/mlruns -path '*/metrics' -type d | sort | head -n 1)
run=${run%/metrics}
printf '1700000000000 0.5 7\n' >"$run/metrics/later"
printf 'x' >"$run/params/also"
ok 'imports what a run logged since' "$MLEDGER" import mlflow --json churn
expect_stdout_has 'as one record' '"appended":1,"kinds":{"run_logged":1}'

printf 'no number\n' >"$run/metrics/later"
ok 'refuses a broken store' test_must_fail 3 "$MLEDGER" import mlflow churn
expect_stderr_has 'naming file and line' 'metrics/later:1'
ok 'goes on without it when asked to' test_must_fail 1 "$MLEDGER" import mlflow --keep-going churn
expect_stdout_has 'and says what was left out' 'left out: 1'
expect_stdout_has 'naming the file' 'metrics/later'

rm "$run/metrics/later"
sed -i 's|^artifact_location: .*|artifact_location: file:///elsewhere|' churn/mlruns/*/meta.yaml
ok 'refuses the experiments of another store' test_must_fail 4 "$MLEDGER" import mlflow churn
expect_stderr_has 'and says what would help' '--name'

ok 'finds no store' test_must_fail 1 "$MLEDGER" import mlflow nothing
printf 'SQLite format 3' >nothing/mlflow.db
ok 'finds a database in its place' test_must_fail 1 "$MLEDGER" import mlflow nothing
expect_stderr_has 'and says how to import that' "mledger import mlflow 'nothing/mlflow.db'"
ok 'refuses a file that is no database' test_must_fail 1 "$MLEDGER" import mlflow nothing/mlflow.db
expect_stderr_has 'naming it' "'nothing/mlflow.db' is not a folder and no SQLite database"
ok 'takes the URI of a database' test_must_fail 3 "$MLEDGER" import mlflow sqlite:///nothing/none.db
expect_stderr_has 'as a path' "cannot read 'nothing/none.db': No such file or directory"
ok 'names a server that is not there' test_must_fail 3 "$MLEDGER" import mlflow http://127.0.0.1:1
expect_stderr_has 'with its URL' 'cannot reach http://127.0.0.1:1/api/2.0/mlflow/experiments/search: Connection refused'
ok 'takes no password in a URL' test_must_fail 2 "$MLEDGER" import mlflow http://eve:pw@127.0.0.1:1
expect_stderr_has 'and does not show it' 'a URL must not have a user or password in it'
ok 'needs a directory' test_must_fail 2 "$MLEDGER" import mlflow
ok 'needs a tool' test_must_fail 2 "$MLEDGER" import
ok 'the ledger verifies' "$MLEDGER" verify
done_testing
