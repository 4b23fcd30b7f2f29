#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The graph of a DVC pipeline: as DVC prints it, and with what the ledger holds beyond that.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
ok 'a ledger' "$MLEDGER" init --name churn --actor dana --no-passphrase
ok 'without a pipeline' test_must_fail 1 "$MLEDGER" dag
expect_stderr_has 'says so' 'no pipeline is recorded'
expect_stderr_has 'and what to do' 'mledger import dvc'
ok 'with one' "$MLEDGER" import dvc . --name churn

# ---- as DVC prints it ----

ok 'DOT' "$MLEDGER" dag --format dot
expect_stdout 'is that of dvc dag --dot, sorted' <<'END'
strict digraph  {
"data/raw/customers.csv.dvc";
"evaluate";
"featurize";
"prepare";
"train";
"data/raw/customers.csv.dvc" -> "prepare";
"featurize" -> "evaluate";
"featurize" -> "train";
"prepare" -> "featurize";
"train" -> "evaluate";
}

END
ok 'Mermaid' "$MLEDGER" dag --format mermaid
expect_stdout 'is that of dvc dag --mermaid' <<'END'
flowchart TD
	node1["data/raw/customers.csv.dvc"]
	node2["evaluate"]
	node3["featurize"]
	node4["prepare"]
	node5["train"]
	node1-->node4
	node3-->node2
	node3-->node5
	node4-->node3
	node5-->node2
END
ok 'outputs' "$MLEDGER" dag --outs --format dot
expect_stdout 'are joined by what reads them' <<'END'
strict digraph  {
"data/features";
"data/prepared";
"data/raw/customers.csv";
"metrics.json";
"model/weights.json";
"data/features" -> "metrics.json";
"data/features" -> "model/weights.json";
"data/prepared" -> "data/features";
"data/raw/customers.csv" -> "data/prepared";
"model/weights.json" -> "metrics.json";
}

END

# ---- with what the ledger knows ----

ok 'text' "$MLEDGER" dag
expect_stdout_has 'a changed parameter is said' 'disagreement: param changed, stage train, params.yaml'
expect_stdout_has 'and a changed file' \
    'disagreement: file changed, stage evaluate, src/evaluate.py, recorded md5:beef72fb1da9'
sed '/^pipeline/!s/   */|/g' "$OUT" >columns # but what parts them
ok 'names pipeline and commit' grep -qE '^pipeline churn  #[0-9]+  git:467e5fcadc57$' columns
ok 'what a stage made, and from what' \
    grep -qx 'train|model/weights.json md5:e3358c5150e1|featurize' columns
ok 'from several' grep -qx 'evaluate|metrics.json md5:b9d0ac11ffef|featurize, train' columns
order() { [ "$(sed -n 's/^\(data[^|]*\.dvc\|prepare\|featurize\|train\|evaluate\)|.*/\1/p' columns | tr '\n' ' ')" = 'data/raw/customers.csv.dvc prepare featurize train evaluate ' ]; }
ok 'nothing stands before what it needs' order
ok 'JSON' "$MLEDGER" --json dag
expect_stdout_has 'has nodes' \
    '{"name":"prepare","stage":"prepare","digests":["md5-dir:5037d236f564'
expect_stdout_has 'edges' '{"from":"train","to":"evaluate"}'
expect_stdout_has 'and disagreements' '"kind":"PARAM_CHANGED","stage":"train"'
ok 'SVG' "$MLEDGER" dag -o dag.svg
ok 'is one' grep -q '</svg>' dag.svg
ok 'marks what disagrees' grep -q 'class="node pipeline_stage highlighted"' dag.svg
ok 'PNG of outputs' "$MLEDGER" dag --outs -o outs.png
ok 'is there' test -s outs.png

# ---- which one ----

ok 'another pipeline' "$MLEDGER" import dvc . --name other/churn
ok 'then a name is needed' test_must_fail 2 "$MLEDGER" dag
expect_stderr_has 'out of these' "'churn'"
expect_stderr_has 'out of these' "'other/churn'"
ok 'by name' "$MLEDGER" dag other/churn
expect_stdout_has 'it is that' 'pipeline other/churn'
ok 'by reference' "$MLEDGER" dag pipeline:churn
expect_stdout_has 'it is that' 'pipeline churn'
seq=$(sed -n 's/^pipeline churn  #\([0-9]*\).*/\1/p' "$OUT")
ok 'by record' "$MLEDGER" dag "#$seq"
expect_stdout_has 'it is that' "pipeline churn  #$seq"
ok 'as of then' "$MLEDGER" dag --as-of "$seq"
expect_stdout_has 'there was one' 'pipeline churn'
ok 'before' test_must_fail 1 "$MLEDGER" dag --as-of 0
ok 'no such name' test_must_fail 1 "$MLEDGER" dag nobody
ok 'a record of something else' test_must_fail 2 "$MLEDGER" dag '#0'
expect_stderr_has 'is said' 'record 0 holds no pipeline'
ok 'a record that is not there' test_must_fail 1 "$MLEDGER" dag '#999'

done_testing
