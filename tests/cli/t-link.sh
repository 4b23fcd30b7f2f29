#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# link: confirming that a run was a stage.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
commit=0123456789abcdef0123456789abcdef01234567
cat >pipeline.jsonl <<END
{"pipeline_recorded": {"name": "churn", "commit": "git:$commit", "snapshot": {"stages": [{"address": "prepare"}, {"address": "train", "params": [{"file": "params.yaml", "key": "lr"}]}]}}, "details": {"param_values": ["0.1"]}}
END
"$MLEDGER" append pipeline.jsonl >/dev/null &&
    "$MLEDGER" run start --id r1 --commit "$commit" --param lr=0.1 >/dev/null &&
    "$MLEDGER" run start --id r2 --commit none >/dev/null || exit 99

ok 'what the ledger infers' "$MLEDGER" link r1 train --reason 'I started it'
expect_stdout_has 'is confirmed' 'run r1 was stage train of record #2'
ok 'its record' "$MLEDGER" --json show 6
tr -d ' \n' <"$OUT" >said
ok 'names the pipeline' grep -qF '"record_ref":2,"stage":"train"' said
ok 'what it does not infer' test_must_fail 2 "$MLEDGER" link r2 train
expect_stderr 'asks for the pipeline' <<'END'
mledger: the ledger does not infer that the run was stage 'train'
  try: name the pipeline, or its record: --pipeline NAME|SEQ
END
ok 'with the pipeline' "$MLEDGER" link r2 prepare --pipeline churn
ok 'with the record' "$MLEDGER" --json link r2 train --pipeline 2
expect_stdout_has 'says which' '"run_id":"r2","pipeline_record":2'
ok 'a stage that is not there' test_must_fail 1 "$MLEDGER" link r2 trian --pipeline churn
expect_stderr 'is guessed' <<'END'
mledger: record 2: pipeline 'churn' has no stage 'trian'; did you mean 'train'?
END
ok 'a record without a pipeline' test_must_fail 2 "$MLEDGER" link r2 train --pipeline 3
expect_stderr_has 'is told' 'record 3: it holds no pipeline'
ok 'a pipeline that is not there' test_must_fail 1 "$MLEDGER" link r2 train --pipeline none
ok 'a run that is not there' test_must_fail 1 "$MLEDGER" link none train
expect_sound 'all of it verifies'

done_testing
