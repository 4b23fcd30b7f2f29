#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records about what was deleted: a tag on a deleted version, a run, a model, an experiment.
. "$(dirname "$0")/../lib.sh"

# late NAME RULE DELETION SUBJECT LINE...: deletes something rightly, then writes about it.
late() {
    local name=$1 rule=$2 deletion=$3
    shift 3
    victim copy
    printf '%s\n' "$deletion" | at copy append --key demo-recorder - >/dev/null || exit 99
    write_next copy "$RECORDER" "$@"
    found "$name" copy "rule/$rule@$((SIZE + 1))"
    no_way_back "$name: reindex does not take it" copy
}
version='{"version_deleted": {"model": "churn", "version": 1}}'
late 'a tag on a deleted version' version-deleted "$version" "$MODEL" "set event.52.4 $MODEL" \
    'set event.52.5 1' 'set event.52.6 text:fine' 'set details.12 text:yes'
late 'an alias to a deleted version' version-deleted "$version" "$MODEL" "set event.79.1 $MODEL" \
    'set event.79.2 text:best' 'set event.79.3 1'
late 'a deployment of a deleted version' version-deleted "$version" "$MODEL" \
    'set event.92.1 text:us' "set event.92.3.1 $MODEL" 'set event.92.3.2 1' 'set event.92.3.3 1000000'
late 'a validation of a deleted version' version-deleted "$version" "$MODEL" \
    "set event.90.1 $MODEL" 'set event.90.2 1' 'set event.90.3 1'
late 'a version of a deleted model' model-deleted '{"model_deleted": {"model": "uplift"}}' \
    "$OTHER_MODEL" "set event.74.1 $OTHER_MODEL" 'set event.74.2 2'
late 'a metric of a deleted run' run-deleted '{"run_deleted": {"run": "r1"}}' "$RUN" \
    "set event.47.1 $RUN" 'set event.47.2 3'
late 'a run of a deleted experiment' experiment-deleted \
    '{"experiment_deleted": {"experiment": "churn"}}' "$((SIZE + 1)) $EXPERIMENT" \
    "set event.44.1 zeros:32" 'set event.44.2 text:r2' "set event.44.3 $EXPERIMENT"
forbidden 'a tag deleted that there is not' tag-missing "$MODEL" "set event.53.4 $MODEL" \
    'set event.53.5 1' 'set event.53.6 text:nothing'
forbidden 'a run restored that was not deleted' not-deleted "$RUN" "set event.49.1 $RUN"
done_testing
