#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The questions of docs/QUESTIONS.md, asked of ledgers that were imported: from the project's own
# sample, and from some of the samples beside it, or with SAMPLES=all from all of them (the soak).
# No answer may crash, or say what is not in the sample: see ask.py.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
: "${MLEDGER_VERIFY:?}"
export MLEDGER_VERIFY
command -v python3 >/dev/null || skip_all 'python3 is not installed'
data=${MLEDGER_SHARED:-$TESTS_CLI/../../../shared}/data

# asked NAME KIND SAMPLE...: a test for each sample, by the lines that ask.py prints of it.
asked() {
    local name=$1 kind=$2
    shift 2
    ok "$name" python3 "$TESTS_CLI/ask.py" "${options[@]}" "$T/$name" "$kind" "$@"
    diagnose <"$OUT"
    chmod -R u+rwX "$T/$name" && rm -rf "${T:?}/$name"
}

options=(--text)
bash "$TESTS_CLI/../samples/churn/unpack.sh" "$T/churn" >/dev/null 2>&1 || skip_all 'the sample cannot be unpacked (git)'
asked 'the own project' dvc "$T/churn"
options=(--evidence)
asked 'the own store' mlflow "$T/churn/mlruns"

options=()
if [ ! -d "$data" ]; then
    skip 'samples of others' "no $data"
elif [ "${SAMPLES:-some}" = all ]; then
    options=(--text --evidence)
    for project in "$data"/dvc/projects/*/; do
        asked "dvc ${project%/}" dvc "${project%/}"
    done
    while IFS= read -r store; do
        asked "mlflow $store" mlflow "$store"
    done < <(find "$data/mlflow" \( -name mlruns -type d -o -name '*.db' -type f \) | sort)
else
    asked 'a DVC project' dvc "$data/dvc/projects/iterative+example-repos-dev"
    asked 'a store of MLflow 2' mlflow "$data/mlflow/file_stores/mlflow-2.9.2/mlruns"
    asked 'a database of MLflow 3' mlflow "$data/mlflow/databases/mlflow-3.11.2.db"
fi
done_testing
