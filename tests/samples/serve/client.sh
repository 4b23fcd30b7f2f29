#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: client.sh URL
#
# What an MLflow client sends in the life of a model, by curl: two trainings, each with parameters,
# metrics, the data that it read and a model file; two versions, through Staging into Production; an
# alias; and the way back. One line for each call, with the receipt that the server gave for it.
set -euo pipefail
url=${1:?the address of the server}
head=$(mktemp) body=$(mktemp)
trap 'rm -f "$head" "$body"' EXIT

readonly commit=5f1c0e4ab7d3962f8e0d4c3b2a19087f6e5d4c3b # of the code that trains

receipt() { tr -d '\r' <"$head" | sed -n "s/^mledger-$1: //Ip"; }
# send METHOD PATH DATA: what came back is in $body.
send() {
    curl -sS -f -X "$1" -H 'Content-Type: application/json' -D "$head" -o "$body" \
        --data-binary "$3" "$url/api/2.0/$2"
}
# call WHAT METHOD PATH DATA: sends it, and says which record it became.
call() {
    send "$2" "$3" "$4"
    local hash
    hash=$(receipt record-hash)
    printf '  %-58s #%-3s %.12s…\n' "$1" "$(receipt seq)" "$hash"
}
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$body"; }
now() { date +%s%3N; }

# train NAME LEARNING-RATE AUC: a run with all that belongs to it; its id in $run.
train() {
    call "run $1 begins" POST mlflow/runs/create \
        "{\"experiment_id\": \"$experiment\", \"run_name\": \"$1\", \"start_time\": $(now),
          \"tags\": [{\"key\": \"mlflow.source.git.commit\", \"value\": \"$commit\"}]}"
    run=$(sed -n 's/.*"run_id":"\([0-9a-f]*\)".*/\1/p' "$body")
    call '  reads customers.csv' POST mlflow/runs/log-inputs \
        "{\"run_id\": \"$run\", \"datasets\": [{\"dataset\": {\"name\": \"customers.csv\", \"digest\": \"8f3c2a71\",
          \"source_type\": \"local\", \"source\": \"{\\\"uri\\\": \\\"data/customers.csv\\\"}\"},
          \"tags\": [{\"key\": \"mlflow.data.context\", \"value\": \"training\"}]}]}"
    call "  logs a batch: learning_rate $2, auc $3" POST mlflow/runs/log-batch \
        "{\"run_id\": \"$run\", \"params\": [{\"key\": \"learning_rate\", \"value\": \"$2\"}],
          \"metrics\": [{\"key\": \"auc\", \"value\": $3, \"timestamp\": $(now), \"step\": 1}]}"
    call '  puts model/weights.bin' PUT "mlflow-artifacts/artifacts/$experiment/$run/artifacts/model/weights.bin" \
        "weights of $1, trained with $2"
    call '  ends' POST mlflow/runs/update \
        "{\"run_id\": \"$run\", \"status\": \"FINISHED\", \"end_time\": $(now)}"
}
# register: a version of the model in $run.
register() {
    call "version of churn from run $1" POST mlflow/model-versions/create \
        "{\"name\": \"churn\", \"source\": \"mlflow-artifacts:/$experiment/$run/artifacts/model\", \"run_id\": \"$run\"}"
    version=$(field version)
}
# move VERSION STAGE ARCHIVE-OTHERS
move() {
    call "churn/$1 to $2" POST mlflow/model-versions/transition-stage \
        "{\"name\": \"churn\", \"version\": \"$1\", \"stage\": \"$2\", \"archive_existing_versions\": $3}"
}
champion() {
    call "champion is churn/$1" POST mlflow/registered-models/alias \
        "{\"name\": \"churn\", \"alias\": \"champion\", \"version\": \"$1\"}"
}

call 'experiment churn' POST mlflow/experiments/create '{"name": "churn"}'
experiment=$(field experiment_id)
train baseline 0.10 0.87
call 'model churn' POST mlflow/registered-models/create '{"name": "churn"}'
register baseline
move 1 Staging false
move 1 Production false
champion 1
train deeper 0.03 0.91
register deeper
move "$version" Staging false
move "$version" Production true
champion "$version"
# It does worse in the world than it did here.
move "$version" Archived false
move 1 Production false
champion 1
