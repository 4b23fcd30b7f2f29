#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes the ledger that the attacks are made on, once for all of them, in $VICTIM:
#
#   ledger/   the ledger
#   home/     HOME of those who wrote it: keys (unsealed, so that they can be stolen), known heads
#   seqs      which record is what, to be sourced
#
# It holds one record of most kinds, with statements, attachments and a policy that was kept.
# shellcheck disable=SC2317 # functions are called through ok
: "${VICTIM:?VICTIM must name the directory to make}"
. "$(dirname "$0")/../cli/lib.sh"

# recorded NAME COMMAND...: carries it out and notes which record came of it as NAME.
recorded() {
    local name=$1
    shift
    ok "$name" "$MLEDGER" --json "$@"
    [ "$STATUS" = 0 ] || exit 99
    echo "$name=$(($("$FORGE" .mledger 'count records') - 1))" >>seqs
}
event() {
    printf '%s\n' "$2" >event
    recorded "$1" append event --key demo-recorder
}

mkdir data && printf 'a,b\n1,2\n' >data/holdout.csv && printf 'a,b\n3,4\n' >data/train.csv
ok 'GENESIS' "$MLEDGER" init --name demo --actor alice --person 'Alice Ng' --no-passphrase
printf 'GENESIS=0\nRECORDER_KEY=1\n' >seqs
admin=(--key demo-admin)
recorded BOB actor add bob --kind person --person 'Bob Ito' --roles approver "${admin[@]}"
ok 'a key for bob' "$MLEDGER" key new bob --no-passphrase
recorded BOB_KEY key authorize bob bob --roles approver "${admin[@]}"
recorded POLICY policy set Production --require validation,approval:other "${admin[@]}"
event EXPERIMENT '{"experiment_created": {"experiment_id": "7", "name": "churn"}}'
recorded DATASET dataset add holdout data --key demo-recorder
event RUN '{"run_started": {"run_id": "r1", "experiment": "churn", "name": "first"}, "details": {"user": "alice", "host": "gpu1"}}'
event LOGGED '{"run_logged": {"run": "r1", "params": ["lr", "depth"], "metrics": [{"key": "auc", "step": 1, "time": "2026-01-01T00:00:00Z"}], "tags": ["team"]}, "details": {"param_values": ["0.1", "6"], "metric_values": [{"value": 0.93, "text": "0.93"}], "tag_values": ["risk"]}}'
event ARTIFACT '{"artifact_recorded": {"run": "r1", "artifacts": [{"path": "model.pkl", "size": 3, "digests": ["sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]}]}}'
event ENDED '{"run_ended": {"run": "r1", "status": "finished"}}'
event MODEL '{"model_created": {"name": "churn"}, "details": {"description": "who leaves"}}'
event VERSION '{"version_registered": {"model": "churn", "run_id": "r1", "source": "runs:/r1/model", "tags": ["size"]}, "details": {"tag_values": ["small"]}}'
recorded VALIDATION validation add churn/1 --passed --check auc=0.93:passed --key demo-recorder
recorded APPROVAL approve churn/1 --stage Production --key bob --reason 'read the report'
recorded TRANSITION version transition churn/1 Production --key demo-recorder
# From here on two keys can record, so commands are told which.
recorded CI actor add ci --kind service --roles recorder "${admin[@]}"
ok 'a key for ci' "$MLEDGER" key new ci --no-passphrase
recorded CI_KEY key authorize ci ci --roles recorder "${admin[@]}"
event ALIAS '{"alias_set": {"model": "churn", "alias": "champion", "version": 1}}'
event OTHER_MODEL '{"model_created": {"name": "uplift"}}'
event OTHER_VERSION '{"version_registered": {"model": "uplift", "source": "s3://models/uplift", "run_id": "elsewhere"}}'
event DEPLOYMENT '{"deployment_recorded": {"endpoint": "eu", "targets": [{"model": "churn", "version": 1, "share_ppm": 1000000}]}}'
event INCIDENT '{"incident_recorded": {"incident_id": "i1", "status": "opened", "model": "churn", "version": 1}}'
event TAGS '{"tags_set": {"model": "churn", "version": 1, "tags": ["reviewed"]}, "details": {"tag_values": ["yes"]}}'
event LAST '{"model_updated": {"model": "uplift"}, "details": {"description": "who buys"}}'
ok 'it verifies' "$MLEDGER" verify
expect_stdout_has 'with its statements' 'statements'

rm -rf "$VICTIM" && mkdir -p "$VICTIM" &&
    cp -r .mledger "$VICTIM/ledger" && cp -r "$HOME" "$VICTIM/home" &&
    cp seqs "$VICTIM/seqs" && cp -r data "$VICTIM/data" || exit 99
done_testing
