#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# export --format: what the records say in others' formats.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
add_approver bob
sha=$(printf %064d 7)
"$MLEDGER" append - >/dev/null <<END
{"dataset_recorded": {"name": "raw", "digests": ["sha256:$sha"], "source_uri": "s3://lake/raw.csv"}}
{"run_started": {"run_id": "r1", "commit": "git:$(printf %040d 1)"}}
{"run_logged": {"run": "r1", "params": ["lr"], "metrics": [{"key": "auc", "step": 1, "time": "2026-03-01T10:00:00Z"}], "inputs": [{"name": "raw", "role": "training", "dataset_ref": "raw", "digests": ["sha256:$sha"]}]}, "details": {"param_values": ["0.10"], "metric_values": ["0.90"]}}
{"run_ended": {"run": "r1", "status": "finished"}}
{"model_created": {"name": "churn"}}
{"version_registered": {"model": "churn", "run_id": "r1", "artifacts": [{"path": "model.onnx", "digests": ["sha256:$(printf %064d 8)"]}]}}
END
"$MLEDGER" approve churn/1 --stage Production --key bob >/dev/null
"$MLEDGER" version transition churn/1 Production >/dev/null

# twice FORMAT [REF]: the same bytes twice, ended by a line feed; left in FORMAT.
twice() {
    "$MLEDGER" export --format "$@" -o "$1" && "$MLEDGER" export --format "$@" -o "$1.again" &&
        cmp "$1" "$1.again" && [[ -s $1 && $(tail -c 1 "$1" | xxd -p) == 0a ]]
}
formats='prov-json openlineage cyclonedx cyclonedx-1.7 spdx3 graphml jgf cytoscape csv mermaid dot'
for format in $formats; do
    ok "$format of the ledger" twice "$format"
    ok "$format of a version" twice "$format" churn/1
done
expect_stdout_has 'says what it wrote' 'wrote dot, '
for format in slsa in-toto; do
    ok "$format of a version" twice "$format" churn/1
done
ok 'a statement for each thing done' test "$(wc -l <in-toto)" = 3
ok 'nothing to attest to' test_must_fail 1 "$MLEDGER" export --format slsa dataset:raw
expect_stderr_has 'is told' 'no version, logged model or run here has a file with a SHA-256 or MD5 digest'

ok 'to standard output' "$MLEDGER" export --format jgf churn/1
cp "$OUT" jgf.out
ok 'is what a file gets' cmp jgf jgf.out
ok 'of several things' "$MLEDGER" export --format jgf dataset:raw run:r1
expect_stdout_has 'names them' '"label": "lineage of dataset:raw and run:r1"'
ok 'down' "$MLEDGER" export --format jgf --down dataset:raw
expect_stdout_has 'finds what came of it' '"version/churn/1": {'
ok 'options may stand before' "$MLEDGER" export --depth 1 --format jgf churn/1
expect_stdout_has 'is cut' '"cut"'

ok 'a format that there is not' test_must_fail 2 "$MLEDGER" export --format xml churn/1
ok 'a thing that there is not' test_must_fail 1 "$MLEDGER" export --format jgf churn/9 -o none
expect_stderr_has 'is named' "there is no version 9 of model 'churn'"
ok 'leaves no file' test ! -e none
ok 'nowhere to write to' test_must_fail 3 "$MLEDGER" export --format jgf -o none/out
ok 'a reference for records' test_must_fail 2 "$MLEDGER" export churn/1
expect_stderr_has 'and what would do' 'mledger bundle REF -o FILE'
ok 'a range for a document' test_must_fail 2 "$MLEDGER" export --format jgf --from 3
expect_stderr_has 'is told' 'jgf'
ok 'a moment for records' test_must_fail 2 "$MLEDGER" export --as-of 3

# --table
ok 'a table of edges' "$MLEDGER" export --format csv --table edges churn/1
expect_stdout_has 'is of edges' 'run:r1,run r1,registered_from,recorded,version:churn/1,churn/1,'
ok 'of values' "$MLEDGER" export --format csv --table values churn/1
expect_stdout_has 'as they were written' 'run:r1,run r1,metric,auc,0.90,1,'
ok 'a table of another format' test_must_fail 2 "$MLEDGER" export --format jgf --table nodes
expect_stderr_has 'is told' '--table is for --format csv'

# --post
serve_events() { # NAME [WORD]
    mkfifo "$1.out"
    "$EVENT_SERVER" "$@" >"$1.out" &
    background+=("$!")
    IFS= read -r url <"$1.out"
}
background=()
serve_events taken
OPENLINEAGE_API_KEY=sesame ok 'events to an endpoint' \
    "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" churn/1
expect_stdout 'are counted' <<END
posted 6 events to ${url}api/v1/lineage
END
ok 'it got the lines of the export' bash -c \
    'diff <(grep "^{" taken) <("$MLEDGER" export --format openlineage churn/1)'
ok 'as JSON, with the key' test "$(grep -c '^application/json Bearer sesame$' taken)" = 6
serve_events again
ok 'told as JSON' "$MLEDGER" --json export --format openlineage --post "${url}api/v1/lineage" churn/1 -o also
expect_stdout_has 'how many' '"posted":6'
ok 'and kept if asked for' cmp also openlineage
serve_events some '"APPROVAL"'
ok 'an event that is not taken' test_must_fail 3 \
    "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" churn/1
expect_stderr_has 'is named, and what was said' \
    'event 5 (COMPLETE of registry.approve.churn) was not taken: status 422: no such word'
expect_stderr_has 'and how to go on' 'the same with --post-from 5 goes on'
ok 'those before it were sent' test "$(grep -c '^{' some)" = 4
serve_events rest
ok 'the rest' "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" --post-from 5 churn/1
expect_stdout 'is counted' <<END
posted 2 events to ${url}api/v1/lineage
END
ok 'and then all are there' bash -c \
    'diff <(grep -h "^{" some rest) <("$MLEDGER" export --format openlineage churn/1)'
ok 'all again' "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" churn/1
serve_events busy '"APPROVAL"' 503
ok 'an endpoint that can do no more' test_must_fail 3 \
    "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" churn/1
expect_stderr_has 'at which event' 'event 5 (COMPLETE of registry.approve.churn) was not taken: status 503'
ok 'an endpoint of something else' test_must_fail 3 \
    "$MLEDGER" export --format openlineage --post "${url}api/v2/none" churn/1
expect_stderr_has 'at the first one' 'event 1 (dataset raw.csv in s3://lake) was not taken: status 404'
serve_events gone '"APPROVAL"' 0
ok 'an endpoint that hangs up' test_must_fail 3 \
    "$MLEDGER" export --format openlineage --post "${url}api/v1/lineage" churn/1
expect_stderr_has 'during which event' 'event 5 (COMPLETE of registry.approve.churn) was not answered: '
kill "${background[@]}" && wait
ok 'a beginning of nothing' test_must_fail 2 "$MLEDGER" export --format openlineage --post-from 5
ok 'an endpoint that is not there' test_must_fail 3 \
    "$MLEDGER" export --format openlineage --post "$url" churn/1
ok 'a URL that is none' test_must_fail 2 "$MLEDGER" export --format openlineage --post elsewhere
ok 'events of another format' test_must_fail 2 "$MLEDGER" export --format jgf --post "$url"
ok 'signed events' test_must_fail 2 "$MLEDGER" export --format openlineage --sign --post "$url"

# --sign
ok 'signed' "$MLEDGER" export --format prov-json churn/1 --sign -o signed
ok 'is an envelope on one line' test "$(wc -l <signed)" = 1
payload() { sed 's/.*"payload":"\([^"]*\)".*/\1/' "$1" | base64 -d; }
payload signed >inside
ok 'around the same document' bash -c 'cmp <("$MLEDGER" export --format prov-json churn/1) inside'
ok 'statements are signed one by one' "$MLEDGER" export --format in-toto churn/1 --sign -o signed.jsonl
ok 'in as many envelopes' test "$(grep -c '"payloadType":"application/vnd.in-toto+json"' signed.jsonl)" = 3
ok 'by the key that is asked for' "$MLEDGER" export --format jgf churn/1 --sign --key bob
log_key=$(echo "$XDG_CONFIG_HOME"/mledger/keys/*log*.key)
ok 'not by a log key' test_must_fail 4 "$MLEDGER" export --format jgf --sign --key "$log_key" -o none
expect_stderr_has 'is told' 'a log key signs checkpoints and nothing else'
"$MLEDGER" key new stranger --no-passphrase >/dev/null
ok 'not by a stranger' test_must_fail 4 "$MLEDGER" export --format jgf --sign --key stranger -o none
ok 'leaves no file then' test ! -e none
ok 'no signature on records' test_must_fail 2 "$MLEDGER" export --sign

# A signature of ours is one for openssl: over the pre-authentication encoding of DSSE.
verify_signature() { # ENVELOPE
    local type key
    type=$(sed 's/.*"payloadType":"\([^"]*\)".*/\1/' "$1")
    key=$(sed 's/.*"keyid":"\([^"]*\)".*/\1/' "$1")
    payload "$1" >body
    { printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(stat -c %s body)" && cat body; } >encoded
    sed 's/.*"sig":"\([^"]*\)".*/\1/' "$1" | base64 -d >signature
    { printf '302a300506032b6570032100%s' "$key" | xxd -r -p; } >key.der
    openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in encoded -sigfile signature
}
if command -v openssl xxd >/dev/null; then
    ok 'openssl verifies it' verify_signature signed
    sed 's/"payload":"..../"payload":"eyAg/' signed >forged
    ok 'and refuses another payload' test_must_fail 1 verify_signature forged
else
    skip 'openssl verifies it' 'no openssl or xxd'
fi

# What was known then is what is known then, however much comes after.
ok 'as of a record' "$MLEDGER" export --format prov-json --as-of 9 churn/1 -o then
"$MLEDGER" validation add churn/1 --passed --check auc=0.90:passed >/dev/null || exit 99
ok 'and later' "$MLEDGER" export --format prov-json --as-of 9 churn/1 -o then.later
ok 'is the same' cmp then then.later

# A ledger of which nothing is known but who made it.
mkdir fresh && cd fresh || exit 99
"$MLEDGER" init --name fresh --actor carol --keys fresh --no-passphrase >/dev/null || exit 99
for format in $formats; do
    if [[ $format == openlineage ]]; then continue; fi # no events, no lines
    ok "$format of an empty ledger" twice "$format"
done
ok 'openlineage of an empty ledger' "$MLEDGER" export --format openlineage
ok 'is empty' test ! -s "$OUT"
ok 'edges there are none' grep -q '"edges": \[\]' jgf
done_testing
