#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# inventory: where all models are, and which versions meet conditions.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/scenario.sh"

new_ledger
must() { "$MLEDGER" "$@" >/dev/null || exit 99; }
start() { "$MLEDGER" --json run start --name "$1" | jq -r .run_id; }
lines() { printf '%s\n' "$@" | "$MLEDGER" append >/dev/null || exit 99; }
for model in churn credit-a credit-b empty gone; do must model create "$model"; done
old=$(start old) && new=$(start new) || exit 99
echo 'a,b' >old.csv
echo 'c,d' >new.csv
echo 'e,f' >test.csv
must dataset add customers old.csv --occurred-at 2020-05-01
must run log "$old" --metric auc=0.75 --input customers:training=old.csv
must run log "$new" --metric auc=0.9 --input customers:training=new.csv --input customers:test=test.csv
must version register churn --run "$old"
must version register churn --run "$new"
must version register churn
must version register credit-a --run "$new"
must version register credit-b
must version register gone
must version tag churn/1 risk=high
lines '{"tags_set": {"model": "credit-a", "tags": ["owner"]}, "details": {"tag_values": ["carol"]}}'
must validation add churn/1 --passed
must validation add credit-a/1 --failed
must version transition churn/1 Production
must version transition churn/2 Staging
must version transition credit-a/1 Production
must version alias churn/2 challenger
before=$("$MLEDGER" --json status | jq .head.seq)
must deploy scoring churn/1=90% churn/2=10% --environment eu
must model delete gone

# rows NAME TEXT OPTION...: the versions listed are those.
rows() {
    local name=$1 due=$2
    shift 2
    ok "$name" "$MLEDGER" --json inventory "$@"
    expect_json "$name: ${due:-nothing}" --arg due "$due" \
        '[.models[] | .model as $m | if (.versions | length) == 0 then $m else (.versions[] | "\($m)/\(.version)") end] | join(" ") == $due'
}

ok 'the stock' "$MLEDGER" inventory
expect_stdout_has 'a version in its stage, and what it serves' 'scoring (eu) 90%'
expect_stdout_has 'its alias' 'challenger'
expect_stdout_has 'how it did' 'not passed'
expect_stdout_has 'who answers for it' 'carol'
expect_stdout_has 'how many there are' '4 of 5 models'
expect_stdout_has 'what it rests on' 'records used, with their links:'
rows 'what matters' 'churn/1 churn/2 credit-a/1 credit-b/1 empty'
rows 'every version' 'churn/1 churn/2 churn/3 credit-a/1 credit-b/1 empty' --all-versions
rows 'deleted ones' 'churn/1 churn/2 credit-a/1 credit-b/1 empty gone/1' --deleted
rows 'then' 'churn/1 churn/2 credit-a/1 credit-b/1 empty gone/1' --as-of "$before"
expect_json 'nothing served then' '[.models[].versions[].deployments[]] == []'
rows 'at the beginning' 'churn' --as-of 2

rows 'a stage' 'churn/1 credit-a/1' --where stage=Production
rows 'one of two' 'churn/1 churn/2 credit-a/1' --where 'stage=Production|Staging'
rows 'two conditions' 'credit-a/1' --where 'stage=Production,name~credit*'
rows 'given one by one' 'credit-a/1' --where stage=Production --where 'name~credit*'
rows 'of models alone' 'credit-a/1 credit-b/1' --where 'name~credit*'
rows 'an owner' 'credit-a/1' --where owner=carol
rows 'a tag' 'churn/1' --where tag.risk=high
rows 'no tag' 'churn/2 churn/3 credit-a/1 credit-b/1' --where tag.risk=none
rows 'an alias' 'churn/2' --where alias=challenger
rows 'an endpoint' 'churn/1 churn/2' --where deployed=scoring
rows 'a validation' 'churn/1' --where validation=passed
rows 'never validated' 'churn/2 churn/3 credit-b/1' --where validated=none
rows 'no holdout' 'churn/1 churn/3 credit-b/1' --where holdout=no
rows 'a metric' 'churn/1' --where 'metric.auc<0.8'
expect_json 'of which some know none' '.basis.not_known == ["metric.auc<0.8 cannot be judged of 2 versions, left out: churn/3, credit-b/1"]'
rows 'old data' 'churn/1' --where 'data-age>12mo'
rows 'old data, then' '' --where 'data-age>12mo,registered<2000-01-01'
ok 'the records used are those' bash -c '"$MLEDGER" --json inventory --where stage=Production | jq -e ".basis.records | length > 4"'

ok 'a table for programs' "$MLEDGER" inventory --where stage=Production --format csv
cp "$OUT" csv
ok 'in lines with CR LF' test "$(grep -c $'\r$' csv)" = 3
ok 'with headings' grep -q '^model,version,stage,' csv
must model create 'a "quoted", name'
ok 'with quotes' "$MLEDGER" inventory --format csv
expect_stdout_has 'where a name needs them' '"a ""quoted"", name",'
ok 'into a file' "$MLEDGER" inventory -o stock.csv
ok 'whose name chooses' grep -q '^model,version' stock.csv
ok 'its evidence' "$MLEDGER" inventory --where stage=Production --evidence stock.evidence
ok 'is verified' "$MLEDGER_VERIFY" stock.evidence

ok 'a field that there is not' test_must_fail 2 "$MLEDGER" inventory --where colour=red
expect_stderr_has 'is named, and those that there are' "there is no field 'colour', but name"
ok 'nothing to be listed' "$MLEDGER" inventory --where stage=Nowhere
expect_stdout_has 'is an answer' '0 of 6 models'

# Two years of three models.
mkdir "$T/two-years" && cd "$T/two-years" && scenario_ledger || exit 99
rows 'at the end of two years' 'churn/4 churn/5 embedding/1 fraud/1 fraud/3 fraud/4'
rows 'two in Production at once' 'churn/1 churn/2' --as-of 2024-06-22 --where 'name=churn,stage=Production'
rows 'in Production on old data' 'churn/4 fraud/1' --as-of 2025-12-31 --where 'stage=Production,data-age>9mo'
expect_json 'what has no run is said' '.basis.not_known == ["data-age>9mo cannot be judged of 1 version, left out: embedding/1"]'
done_testing
