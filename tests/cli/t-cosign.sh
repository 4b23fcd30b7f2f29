#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# checkpoint --cosign and --tsa: two companies that witness each other, and what becomes of a
# ledger that goes back, forks, or has no witness left.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/witness.sh"

# at COMPANY COMMAND...: by a company's own user, in its own directory.
at() {
    local company=$1
    shift
    (
        export HOME=$T/$company XDG_CONFIG_HOME=$T/$company/.config
        export XDG_STATE_HOME=$T/$company/.local/state
        mkdir -p "$HOME/work" && cd "$HOME/work" && "$@"
    )
}
# What serve_witness and the rest of witness.sh run is the company's too.
serve_at() {
    local company=$1
    shift
    XDG_CONFIG_HOME=$T/$company/.config serve_witness "$@"
}
# records COMPANY: how many it has.
records() { at "$1" "$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/'; }
noted() { at "$1" "$MLEDGER" checkpoint show --note; }

for company in north south; do
    at $company "$MLEDGER" init --name $company --actor alice --no-passphrase >/dev/null || exit 99
    at $company "$MLEDGER" witness key w --name $company.example/w --no-passphrase >"$T/$company.key"
    tail -1 "$T/$company.key" >"$T/$company.vkey"
    at $company "$MLEDGER" key log >"$T/$company.log"
done
ok 'without witnesses' test_must_fail 2 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'says how to have some' 'mledger witness add VKEY URL'

ok 'the south witnesses the north' serve_at south south-w w "$T/south.state" "$(cat "$T/north.log")"
ok 'the north the south' serve_at north north-w w "$T/north.state" "$(cat "$T/south.log")"
at north "$MLEDGER" witness add "$(cat "$T/south.vkey")" "$(witness_url south-w)/" >/dev/null
at south "$MLEDGER" witness add "$(cat "$T/north.vkey")" "$(witness_url north-w)/" >/dev/null

for company in north south; do
    ok "$company: a cosigned checkpoint" at $company "$MLEDGER" checkpoint --cosign -o "$T/$company.note"
    expect_stdout_has 'says by how many' 'cosigned by 1 of 1 witnesses'
done
ok 'with two signatures' bash -c '[ "$(grep -c "^— " "$1")" = 2 ]' - "$T/north.note"
noted north >"$T/noted"
ok 'the cosignature is kept' cmp "$T/noted" "$T/north.note"
ok 'shown' at north "$MLEDGER" checkpoint show
cp "$OUT" "$T/shown"
ok 'with who and when' grep -qE '^signed by +south\.example/w at 20[0-9-]+T[0-9:]+Z  good$' "$T/shown"
ok 'both ledgers are in order' at north "$MLEDGER" verify
ok 'both' at south "$MLEDGER" verify

# --- going on ---
at north "$MLEDGER" model create a >/dev/null
ok 'the next one' at north "$MLEDGER" --json checkpoint --cosign
expect_stdout_has 'is cosigned too' '"outcome":"cosigned"}],"enough":true'
ok 'at the first attempt' bash -c '! grep -q ^409 "$1"' - "$T/io/south-w.log"
at north "$MLEDGER" model create b >/dev/null
ok 'one that nobody keeps' at north "$MLEDGER" checkpoint --cosign --no-record
at north "$MLEDGER" model create c >/dev/null
ok 'the one after it' at north "$MLEDGER" checkpoint --cosign
ok 'is cosigned at the second attempt' grep -q '^409 mledger/north' "$T/io/south-w.log"
before=$(records north)
ok 'when nothing happened' at north "$MLEDGER" checkpoint --cosign
ok 'nothing is recorded' test "$(records north)" = "$before"

# --- a witness that is restarted remembers ---
ok 'the witness ends' stop_witness south-w
ok 'and begins again' serve_at south south-w w "$T/south.state" "$(cat "$T/north.log")"
at north "$MLEDGER" witness remove south.example/w >/dev/null
at north "$MLEDGER" witness add "$(cat "$T/south.vkey")" "$(witness_url south-w)/" >/dev/null
at north "$MLEDGER" model create d >/dev/null
ok 'it goes on from what it knew' at north "$MLEDGER" checkpoint --cosign
cp -r "$T/north/work/.mledger" "$T/north.old"

# --- killed at any moment ---
stop_witness south-w KILL 2>/dev/null
at north "$MLEDGER" model create e >/dev/null
before=$(records north)
ok 'a witness that is away' test_must_fail 3 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'is named' "witness 'south.example/w': cannot reach http://127.0.0.1:"
expect_stderr_has 'with what would help' 'checkpoint --cosign --partial'
ok 'and nothing is recorded' test "$(records north)" = "$before"
ok 'unless asked for' at north "$MLEDGER" checkpoint --cosign --partial
expect_stderr_has 'with a warning' "warning: witness 'south.example/w': cannot reach"
ok 'which is recorded' test "$(records north)" = $((before + 1))
ok 'and is cosigned by nobody' bash -c '[ "$(grep -c "^— " "$1")" = 1 ]' - <(noted north)
ok 'the killed witness' serve_at south south-w w "$T/south.state" "$(cat "$T/north.log")"
at north "$MLEDGER" witness remove south.example/w >/dev/null
at north "$MLEDGER" witness add "$(cat "$T/south.vkey")" "$(witness_url south-w)" >/dev/null
ok 'cosigns again' at north "$MLEDGER" checkpoint --cosign
at north "$MLEDGER" model create f >/dev/null
ok 'and again' at north "$MLEDGER" checkpoint --cosign

# --- an old copy is put in place ---
mv "$T/north/work/.mledger" "$T/north.new"
cp -r "$T/north.old" "$T/north/work/.mledger"
rm -r "$T/north/.local/state/mledger"
ok 'an old copy' test_must_fail 3 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'is not cosigned' 'an old copy was put in place'
for name in g h i j k l m n o; do
    at north "$MLEDGER" model create $name >/dev/null
done
ok 'nor when it has grown past the true one' test_must_fail 3 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'since that is another history' 'not the history that it cosigned before (status 422)'
rm -r "$T/north/work/.mledger" "$T/north/.local/state/mledger"
mv "$T/north.new" "$T/north/work/.mledger"
ok 'the true one is' at north "$MLEDGER" checkpoint --cosign

# --- the wrong witness ---
at north "$MLEDGER" witness key other --no-passphrase >"$T/other.key"
at north "$MLEDGER" witness add "$(tail -1 "$T/other.key")" "$(witness_url south-w)" >/dev/null
ok 'one key for another' test_must_fail 3 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'is noticed' "the answer has no cosignature of 'other'"
at north "$MLEDGER" witness quorum 1 >/dev/null
at north "$MLEDGER" model create p >/dev/null
ok 'one of two is enough when it may be' at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'with a warning' "warning: witness 'other'"
ok 'a log that is not witnessed' at north "$MLEDGER" witness add "$(cat "$T/north.vkey")" \
    "$(witness_url north-w)"
at north "$MLEDGER" witness quorum all >/dev/null
ok 'is not cosigned' test_must_fail 3 at north "$MLEDGER" checkpoint --cosign
expect_stderr_has 'and the reason is told' '(status 404): no log of this origin is witnessed here'

# --- timestamps ---
ok 'an authority' serve_tsa tsa
ok 'stamps' at south "$MLEDGER" --json checkpoint --tsa "$(tsa_url tsa)"
expect_stdout_has 'with its name' '"accuracy_us":1000000,"authority":"CN=stamps,O=Test Time"'
ok 'and it is kept' at south "$MLEDGER" --json checkpoint show
expect_stdout_has 'in the record' '"timestamps":[{"time":"20'
ok 'and shown' at south "$MLEDGER" checkpoint show
cp "$OUT" "$T/shown"
ok 'as an interval' grep -qE '^stamped +20[0-9T:.-]+Z \+-1 s by CN=stamps,O=Test Time' "$T/shown"
ok 'both together' at south "$MLEDGER" checkpoint --tsa "$(tsa_url tsa)" --tsa "$(tsa_url tsa)" --cosign \
    -o "$T/both.note"
expect_stdout_has 'are told' 'cosigned by 1 of 1 witnesses, with 2 timestamps'
at south "$MLEDGER" model create q >/dev/null
before=$(records south)
ok 'an authority that is away' test_must_fail 3 at south "$MLEDGER" checkpoint --tsa http://127.0.0.1:1/
expect_stderr_has 'is named' 'cannot reach http://127.0.0.1:1/'
ok 'no URL' test_must_fail 2 at south "$MLEDGER" checkpoint --tsa nowhere
ok 'one that answers something else' test_must_fail 3 at south "$MLEDGER" checkpoint \
    --tsa "$(witness_url north-w)/add-checkpoint"
expect_stderr_has 'is no authority' 'gives no timestamp: its status is 400'
ok 'one that refuses' serve_tsa odd refusing
ok 'is quoted' test_must_fail 3 at south "$MLEDGER" checkpoint --tsa "$(tsa_url odd)"
expect_stderr_has 'by its own words' 'refuses (status 2): Message digest algorithm'
ok 'nothing was recorded' test "$(records south)" = "$before"
ok 'unless asked for' at south "$MLEDGER" checkpoint --tsa "$(tsa_url odd)" --partial
ok 'the ledger is in order' at south "$MLEDGER" verify

# --- a key that was not to be trusted since a time: outsiders say which record that was ---
# dated: the records under the newest checkpoint, and a time after everybody has seen it.
dated() {
    noted south | sed -n 2p
    sleep 2 # times of outsiders have whole seconds, and an accuracy of one
    date -u +%Y-%m-%dT%H:%M:%SZ
}
revoked() { at south "$MLEDGER" --json log --kind key_revoked -n 1 | jq .seq; }
since() { # since_seq of the newest revocation
    at south "$MLEDGER" --json show "$(revoked)" | jq .event.key_revoked.since_seq
}
add_key() {
    at south "$MLEDGER" key new "$1" --no-passphrase >/dev/null &&
        at south "$MLEDGER" key authorize alice "$1" --roles recorder --key south-admin >/dev/null
}
revoke() { at south "$MLEDGER" key revoke "$1" --cause compromised --key south-admin "${@:2}"; }
add_key ci && add_key ci2 && add_key ci3 || exit 99
at south "$MLEDGER" model create before --key ci >/dev/null
at south "$MLEDGER" checkpoint --cosign --key south-recorder >/dev/null || exit 99
{ read -r covered && read -r then; } < <(dated)
at south "$MLEDGER" model create since --key ci >/dev/null
at south "$MLEDGER" checkpoint --cosign --key south-recorder >/dev/null || exit 99
ok 'since a time before everything' test_must_fail 3 revoke ci --since 2020-01-01
expect_stderr_has 'which no checkpoint tells' 'no checkpoint with a time from outside'
ok 'both at once' test_must_fail 2 revoke ci --since "$then" --since-seq 1
ok 'since a time that witnesses tell' revoke ci --since "$then"
ok 'it is the first record that was not covered' test "$(since)" = "$covered"
ok 'verify names what it signed since' at south "$MLEDGER" verify
expect_stdout_has 'that record, after the one that notes the checkpoint' "doubt  #$((covered + 1))"

: >"$T/none.policy"
echo 'quorum none' >"$T/none.policy"
at south "$MLEDGER" checkpoint --tsa "$(tsa_url tsa)" --key south-recorder >/dev/null || exit 99
{ read -r covered && read -r then; } < <(dated)
at south "$MLEDGER" model create stamped --key ci2 >/dev/null
ok 'without anybody to believe' test_must_fail 3 revoke ci2 --since "$then" \
    --witness-policy "$T/none.policy"
ok 'an authority whose root is another' test_must_fail 3 revoke ci2 --since "$then" \
    --witness-policy "$T/none.policy" --tsa-roots "$(tsa_root odd)"
ok 'roots that are not there' test_must_fail 3 revoke ci2 --since "$then" --tsa-roots nowhere.pem
expect_stderr_has 'are named' "there is no file 'nowhere.pem'"
ok 'no certificates' test_must_fail 3 revoke ci2 --since "$then" --tsa-roots "$T/none.policy"
ok 'since a time that an authority tells' revoke ci2 --since "$then" \
    --witness-policy "$T/none.policy" --tsa-roots "$(tsa_root tsa)"
ok 'is the first that was not covered, too' test "$(since)" = "$covered"
ok 'and is in order' at south "$MLEDGER" verify
done_testing
