#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: make.sh [ROOT [DEST]]
#
# Makes the sample with the real DVC and the real MLflow, which must be first on PATH together
# with their python (tools/requirements.txt). The project is made in ROOT (default /tmp/churn,
# since MLflow writes absolute paths), which must not exist; what is kept of it goes to DEST
# (default: beside this script): churn.bundle, the Git history, and untracked/, the files of the
# work tree that Git does not hold. See README.md for what happens in the history.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${1:-/tmp/churn}
mkdir -p "${2:-$here}"
dest=$(cd "${2:-$here}" && pwd)
[[ ! -e $root ]] || {
    printf 'make.sh: %s exists\n' "$root" >&2
    exit 1
}

# Nothing of the user's own settings may show in the sample.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch TZ=UTC LC_ALL=C.UTF-8
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export DVC_NO_ANALYTICS=1 DVC_SITE_CACHE_DIR=$scratch/dvc PYTHONDONTWRITEBYTECODE=1
export MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true PYTHONWARNINGS=ignore MLFLOW_LOGGING_LEVEL=ERROR
export MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR=false

# commit TIME WHO MESSAGE: everything that is there.
commit() {
    local name=${2^}
    git add --all
    GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$2@example.org GIT_AUTHOR_DATE=$1 \
        GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$2@example.org GIT_COMMITTER_DATE=$1 \
        git commit --quiet --message "$3"
}

# at TIME WHO COMMAND...: with MLflow's clock starting there.
at() {
    local time=$1 who=$2
    shift 2
    CHURN_CLOCK=$time LOGNAME=$who PYTHONPATH=$here/tools "$@"
}

set_param() { sed -i "s/^  $1: .*/  $1: $2/" params.yaml; }

start_project() {
    git init --quiet --initial-branch=main
    dvc init --quiet
    dvc remote add --quiet --default storage s3://churn-data/dvc
    cp -r "$here"/project/. .
    mv gitignore .gitignore
    rm dvc.yaml
    commit 2025-03-03T08:02:11+00:00 dana 'Start the churn model'
}

# customers ROWS: put the table, as of some month, under DVC.
customers() {
    mkdir -p data/raw
    python "$here/tools/customers.py" "$1" >data/raw/customers.csv
    dvc add --quiet data/raw/customers.csv
}

first_training() {
    customers 240
    cp "$here/project/dvc.yaml" .
    commit 2025-03-03T08:31:40+00:00 dana "Track January's customers, define the pipeline"
    dvc repro --quiet
    at 2025-03-03T09:00:00+00:00 dana python src/track.py baseline --register
    commit 2025-03-03T09:04:25+00:00 dana 'Train the baseline'
}

second_training() {
    set_param epochs 200
    set_param l2 0.001
    commit 2025-03-05T13:10:03+00:00 dana 'Train longer, with regularisation'
    dvc repro --quiet
    at 2025-03-05T13:30:00+00:00 dana python src/track.py regularised --register
    at 2025-03-05T14:00:00+00:00 lee python src/promote.py 1 Production alias=champion \
        reviewed_by=lee model.owner=retention \
        model.description='Who will leave next month'
    commit 2025-03-05T14:12:52+00:00 dana 'Train with regularisation'
    at 2025-03-06T10:00:00+00:00 lee python src/promote.py 2 Production alias=champion \
        reviewed_by=lee risk=low description='Regularised, 200 epochs'
    at 2025-03-06T10:01:00+00:00 lee python src/promote.py 1 Archived alias=previous
}

# A run that led nowhere: parameters that were never committed.
failed_experiment() {
    at 2025-03-07T16:20:00+00:00 dana python src/track.py hot train.learning_rate=900.0 \
        --failed 'the loss is not a number'
}

third_training() {
    customers 300
    commit 2025-04-01T07:45:18+00:00 lee "Take February's customers in"
    dvc repro --quiet
    at 2025-04-01T08:00:00+00:00 lee python src/track.py february --register
    commit 2025-04-01T08:21:37+00:00 lee "Train on February's customers"
    at 2025-04-02T09:15:00+00:00 lee python src/promote.py 3 Staging alias=challenger
}

# The planted disagreements: dvc.lock knows of neither change.
leave_disagreements() {
    set_param learning_rate 0.25
    sed -i "s/^threshold = .*/&  # tuned by hand/" src/evaluate.py
    commit 2025-04-03T17:58:44+00:00 lee 'Try a smaller learning rate'
}

keep() {
    python "$here/tools/settle.py" mlruns
    git bundle create --quiet "$dest/churn.bundle" main HEAD
    rm -rf "$dest/untracked"
    mkdir "$dest/untracked"
    git ls-files --others --ignored --exclude-standard -z | grep -zv '^\.dvc/' |
        xargs -0 cp --parents -t "$dest/untracked"
}

mkdir -p "$root"
cd "$root"
start_project
first_training
second_training
failed_experiment
third_training
leave_disagreements
keep
