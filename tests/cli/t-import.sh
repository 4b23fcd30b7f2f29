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
# ---- DVC with its past ----

past() { git -C past -c user.name=Ann -c user.email=ann@example.org "$@"; }
mkdir -p past/.dvc && touch past/.dvc/config && git init -q past
printf 'outs:\n- md5: 0123456789abcdef0123456789abcdef\n  path: a\n' >past/a.dvc
past add -A
past commit -q -m one --date '2024-01-01T00:00:00Z'
printf 'stages:\n  a:\n    cmd: [\n' >past/dvc.yaml
past add -A
past commit -q -m two
past tag -a -m 'first one' model@v1.0.0 HEAD~1
past tag -a -m 'go' 'model#prod#1' HEAD~1
rm past/dvc.yaml past/a.dvc # only commits are read
ok 'replays the past' "$MLEDGER" import dvc --history past
expect_stdout_has 'says how much of it' 'read 2 commits, 2 changes, 1 stage, 1 dataset'
expect_stdout_has 'records each change' 'pipeline_recorded   2'
expect_stdout_has 'names the commit of a disagreement' "$(past rev-parse --short=12 HEAD)"
expect_stdout_has 'and what it is' 'file-broken'
expect_stdout_has 'and what tags say' 'stage_imported      1'
ok 'a version is in its stage' "$MLEDGER" show models:/past/model/prod
expect_stdout_has 'as the tag says' 'model@v1.0.0'
ok 'replays it again' "$MLEDGER" import dvc --history --json past
expect_stdout_has 'appends nothing' '"appended":0'
expect_stdout_has 'and says what it looked at' '"commits":2'
ok 'fails on disagreements when asked to' test_must_fail 1 "$MLEDGER" import dvc --history --strict --name p2 past
ok 'replays a part' "$MLEDGER" import dvc --history --since HEAD~1 --branch "$(past branch --show-current)" --name p3 --json past
expect_stdout_has 'alone' '"pipeline_recorded":1'
ok 'knows no such branch' test_must_fail 1 "$MLEDGER" import dvc --history --branch nothing past
expect_stderr_has 'and says so' "no branch 'nothing'"
ok 'wants --history beside --since' test_must_fail 2 "$MLEDGER" import dvc --since 2024-01-01 past
expect_stderr_has 'and says so' 'give --history too'

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
