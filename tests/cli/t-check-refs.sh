#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check: what it is asked for, and files that are not DVC's.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/check.sh"

new_project

# ---- references ----

printf 'weights 2\n' >p/model.bin
ok 'a dataset alone' checks dataset:p/data/parts
ok 'a pipeline' test_must_fail 1 checks pipeline:p
ok 'a record' test_must_fail 1 checks '#3'
ok 'content' test_must_fail 1 checks "md5:$(md5 good/model.bin)"
ok 'other content' checks "md5:$(md5 good/data/raw.csv)"
ok 'as JSON' test_must_fail 1 checks --json pipeline:p
ok 'with the records' grep -q '"state":"modified","place":"workspace","path":"model.bin","records":\[3\]' answer
ok 'what is not recorded' test_must_fail 1 checks nothing
expect_stderr_has 'is no answer' "nothing"
ok 'what has no files' test_must_fail 2 checks actor:alice
expect_stderr_has 'is refused' "'actor:alice' names no files"
ok 'a record without files' test_must_fail 2 checks '#1'
ok 'no directory' test_must_fail 1 "$MLEDGER" check gone
expect_stderr_has 'is named' "there is no directory 'gone'"
ok 'a file' test_must_fail 1 "$MLEDGER" check p/model.bin
restore
ok 'an earlier moment' checks --as-of 1
says 'at which nothing was recorded' 'read 6 files'

# ---- what was moved ----

mkdir elsewhere && mv p outside elsewhere
ok 'a project that was moved' check_in elsewhere
says 'is found by its name' ': 13 as recorded'
restore
rm -rf elsewhere

# ---- datasets and artifacts recorded by hand ----

mkdir -p hand/set && printf 'h\n' >hand/set/x && printf 'm\n' >hand/model.bin
(cd hand && "$MLEDGER" dataset add byhand set) >/dev/null
"$MLEDGER" run start --id r1 >/dev/null
"$MLEDGER" artifact add --run r1 hand/model.bin >/dev/null
ok 'paths that began in different directories' check_in hand
says 'are found' 'read 2 files, 4 B: 2 as recorded'
mkdir -p alike/set && printf 'a\n' >alike/set/x
ok 'the same path in another directory' check_in alike
says 'is not what was recorded' 'read 0 files'
printf 'i\n' >hand/set/x
printf 'n\n' >hand/model.bin
ok 'both modified' test_must_fail 1 check_in hand
ok 'by the manifest' entry set/x modified
says 'and by the run' 'run r1'
ok 'the run alone' test_must_fail 1 check_in hand r1
ok 'without the dataset' test_must_fail 1 entry set/x modified
seq=$("$MLEDGER" --json log | sed -n 's/.*"seq":\([0-9]*\).*dataset_recorded.*byhand.*/\1/p' | head -1)
"$MLEDGER" erase "$seq" --reason test --key demo-admin >/dev/null 2>&1
ok 'a dataset whose details were erased' test_must_fail 1 check_in hand dataset:byhand
expect_stderr_has 'is nowhere any more' 'were erased'

# ---- MLflow ----

run=mlruns/0/0123456789abcdef0123456789abcdef
mkdir -p ml/$run/artifacts/model ml/$run/params ml/$run/metrics ml/$run/tags
printf 'artifact_location: mlruns/0\nexperiment_id: %s\nlifecycle_stage: active\nname: Default\n' "'0'" >ml/mlruns/0/meta.yaml
cat >ml/$run/meta.yaml <<'END'
artifact_uri: mlruns/0/0123456789abcdef0123456789abcdef/artifacts
end_time: 1700000001000
entry_point_name: ''
experiment_id: '0'
lifecycle_stage: active
run_id: 0123456789abcdef0123456789abcdef
run_name: first
source_name: ''
source_type: 4
source_version: ''
start_time: 1700000000000
status: 3
tags: []
user_id: ann
END
printf 'weights\n' >ml/$run/artifacts/model/weights
printf 'plot\n' >ml/$run/artifacts/plot.svg
ok 'a store' "$MLEDGER" import mlflow ml
ok 'its artifacts' check_in ml
says 'are as recorded' 'read 2 files, 13 B: 2 as recorded'
printf 'WEIGHTS\n' >ml/$run/artifacts/model/weights
rm ml/$run/artifacts/plot.svg
printf 'new\n' >ml/$run/artifacts/more
ok 'attacked' test_must_fail 1 check_in ml
ok 'one is modified' entry $run/artifacts/model/weights modified
ok 'one is missing' entry $run/artifacts/plot.svg missing
ok 'one is unrecorded' entry $run/artifacts/more unrecorded
mv ml moved
ok 'a store that was moved' test_must_fail 1 check_in moved
ok 'is found by its runs' entry $run/artifacts/model/weights modified
mv moved ml
rm -rf ml/$run
ok 'a run that is gone' test_must_fail 1 check_in ml
ok 'is missing with all it had' entry $run/artifacts/model/weights missing
mv ml moved
"$MLEDGER" run delete 0123456789abcdef0123456789abcdef >/dev/null
mv moved ml
ok 'a run that was deleted may be gone' check_in ml
mv ml moved
ok 'from where it was not recorded' test_must_fail 1 "$MLEDGER" check moved 0123456789abcdef0123456789abcdef
expect_stderr_has 'is nowhere' "names lies in there"

# ---- projects that DVC itself made ----

shared=${MLEDGER_SHARED:-$TESTS_CLI/../../../shared}/data/dvc/generated
for name in p1 l1-dvc1.11.16; do
    if [ ! -r "$shared/$name.tar.gz" ]; then
        skip "$name, as DVC left it" 'the shared samples are not here'
        continue
    fi
    mkdir -p made/$name && tar xzf "$shared/$name.tar.gz" -C made/$name
    "$MLEDGER" import dvc made/$name/$name >/dev/null 2>&1
    ok "$name, as DVC left it" check_in made/$name/$name --strict
    [ "$name" = p1 ] || continue # before 3.0 DVC made them of converted content
    sed -n 's/.*md5: \([0-9a-f]*\)\.dir.*/\1/p' made/$name/$name/*.dvc made/$name/$name/*/*.dvc \
        made/$name/$name/dvc.lock 2>/dev/null | sort -u >theirs
    : >ours
    for dir in made/$name/$name/data/*/; do
        "$MLEDGER" dataset add "$dir" "$dir" >/dev/null
        "$MLEDGER" --json show "dataset:$dir" | grep -o 'md5-dir:[0-9a-f]*' | cut -d: -f2 >>ours
    done
    ok "directories of $name are called as DVC calls them" test "$(sort -u ours)" = "$(cat theirs)"
done
expect_sound 'the ledger verifies'
done_testing
