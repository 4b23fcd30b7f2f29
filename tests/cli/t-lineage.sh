#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lineage of what the real DVC and the real MLflow wrote, in all its forms.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
ok 'a ledger' "$MLEDGER" init --name churn --actor dana --no-passphrase
ok 'of a DVC project' "$MLEDGER" import dvc . --name churn
ok 'and an MLflow store' "$MLEDGER" import mlflow mlruns

# lacks NAME TEXT: the last answer does not say it. same NAME FILE: it is what FILE holds.
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}
same() {
    cmp -s "$2" "$OUT"
    report $? "$1"
}
# begins FILE TEXT
begins() { [ "$(head -c ${#2} "$1")" = "$2" ]; }

# ---- text ----

ok 'lineage of a version' "$MLEDGER" lineage churn/3
cp "$OUT" text
expect_stdout_has 'names its run' 'registered from run e17f8ba51ff84d4b86d14ee37e381b00  #'
expect_stdout_has 'its file, joined by content' '~ same content as file model/weights.json'
expect_stdout_has 'the stage that made it' 'made by stage train  #'
expect_stdout_has 'the raw data' 'read file data/raw/customers.csv sha256:96cb09118761  #'
expect_stdout_has 'what the run probably was' '? perhaps stage train  #'
expect_stdout_has 'and why' 'parameters equal 3 of 3'
expect_stdout_has 'what is not known' 'the source of dataset churn-train is not recorded'
expect_stdout_has 'the records used' 'records used, with their links:'
expect_stdout_has 'and that nothing was verified' 'not verified on this machine: mledger verify proves'
tree_has_seqs() { ! sed '/^not known:/,$d' text | grep -vE '#[0-9]+'; }
ok 'every line names its records' tree_has_seqs
ok 'again' "$MLEDGER" lineage models:/churn@challenger
same 'is the same by alias' text

ok 'nothing inferred' "$MLEDGER" lineage churn/3 --no-inferred
lacks 'when not wanted' 'perhaps'
ok 'nothing joined by content' "$MLEDGER" lineage churn/3 --no-same-content
lacks 'when not wanted' '~'
ok 'one step' "$MLEDGER" lineage churn/3 --depth 1
expect_stdout_has 'says where it ends' 'the depth of 1 ended at'
ok 'few nodes' "$MLEDGER" lineage churn/3 --max-nodes 5
expect_stdout_has 'says that there are more' 'there are more than 5 nodes'

ok 'what came of the raw data' "$MLEDGER" lineage sha256:96cb09118761 --down
expect_stdout_has 'a stage' 'read by stage prepare  #'
expect_stdout_has 'and in the end the version' 'churn/3'
ok 'both ways' "$MLEDGER" lineage runs:/e17f8ba51ff84d4b86d14ee37e381b00 --up --down
expect_stdout_has 'up' 'code of commit 7e9880e0a807'
expect_stdout_has 'and down' 'registered as churn/3'

# ---- some of it ----

ok 'of some kinds alone' "$MLEDGER" lineage churn/3 --kind file
expect_stdout_has 'joins what others stood between' 'through '
lacks 'and leaves these out' 'made by stage'
ok 'not beyond a kind' "$MLEDGER" lineage churn/3 --stop stage
expect_stdout_has 'says where it stopped' 'it was to stop at '
lacks 'and goes no further' 'data/raw/customers.csv'
ok 'not beyond one thing' "$MLEDGER" lineage churn/3 --stop md5-dir:88a290595a1d
lacks 'goes no further there' 'data/raw/customers.csv'
expect_stdout_has 'but elsewhere' 'src/train.py'
ok 'refuses a kind that is none' test_must_fail 2 "$MLEDGER" lineage churn/3 --kind thing
ok 'refuses to stop at nothing' test_must_fail 1 "$MLEDGER" lineage churn/3 --stop churn/9

# ---- other forms ----

ok 'JSON' "$MLEDGER" --json lineage churn/3
cp "$OUT" json
ok 'is a graph' grep -q '^{"as_of":[0-9]*,"up":true,"nodes":\[{"id":' json
ok 'with what it rests on' grep -q ',"basis":{"as_of":{"seq":34,"recorded_at":"' json
ok 'not verified' grep -q ',"verified":null,"checkpoint":null,' json
ok 'and the links' grep -qE ',"records":\[{"seq":0,"link":"[0-9a-f]{64}"},{"seq":3,' json
ok 'JSON by --format' "$MLEDGER" lineage churn/3 --format json
same 'is the same' json
ok 'JSON by a name' "$MLEDGER" lineage churn/3 -o graph.json
ok 'is the same' cmp json graph.json

ok 'SVG' "$MLEDGER" lineage churn/3 --format svg
cp "$OUT" one.svg
ok 'is one' grep -q '</svg>' one.svg
ok 'names the question' grep -q 'lineage of churn/3' one.svg
ok 'draws what was inferred' grep -q 'class="edge inferred"' one.svg
ok 'with its grounds' grep -q 'parameters equal 3 of 3' one.svg
ok 'and what only content joins' grep -q 'class="edge same_content"' one.svg
no_people() { ! grep -q 'class="node actor"' one.svg; }
ok 'draws no people' no_people
ok 'SVG into a file' "$MLEDGER" lineage churn/3 -o two.svg
ok 'is the same to the byte' cmp one.svg two.svg
ok 'PNG' "$MLEDGER" lineage churn/3 -o out.png
ok 'is one' begins out.png "$(printf '\211PNG')"
ok 'PDF' "$MLEDGER" lineage churn/3 -o out.PDF
ok 'is one' begins out.PDF '%PDF-'
ok 'DOT' "$MLEDGER" lineage churn/3 --format dot
expect_stdout_has 'is a digraph' 'digraph'
ok 'Mermaid' "$MLEDGER" lineage churn/3 --format mermaid
expect_stdout_has 'is a flowchart' 'flowchart LR'
ok 'a small picture' "$MLEDGER" lineage churn/3 --format svg --max-nodes 10
expect_stdout_has 'says that it is folded' 'nodes drawn as'
ok 'what has another ending' "$MLEDGER" lineage churn/3 -o lineage.txt
ok 'is text' cmp text lineage.txt

# ---- opened ----

unset DISPLAY WAYLAND_DISPLAY
ok 'without a display' test_must_fail 3 "$MLEDGER" lineage churn/3 -o shown.svg --open
expect_stderr_has 'nothing can be opened' 'there is no display to open it on'
ok 'nor is anything written' test ! -e shown.svg
ok 'without a file' test_must_fail 2 "$MLEDGER" lineage churn/3 --open
expect_stderr_has 'there is nothing to open' '--open needs a file to open: -o FILE'
mkdir bin empty && mkfifo opened
printf '#!/bin/sh\nprintf "%%s\\n" "$1" >"%s"\n' "$PWD/opened" >bin/xdg-open
chmod +x bin/xdg-open
ok 'without an opener' test_must_fail 3 env DISPLAY=:9 PATH="$PWD/empty" "$MLEDGER" lineage churn/3 \
    -o shown.svg --open
expect_stderr_has 'none can be asked' "there is no 'xdg-open'"
ok 'with one' env DISPLAY=:9 PATH="$PWD/bin:$PATH" "$MLEDGER" lineage churn/3 -o ./-shown.svg --open
ok 'it is given the whole path' test "$(timeout 20 cat opened)" = "$PWD/-shown.svg"
ok 'of a file that is whole' cmp one.svg ./-shown.svg

# ---- what the answer rests on ----

ok 'the ledger' "$MLEDGER" verify
ok 'once verified' "$MLEDGER" lineage churn/3
expect_stdout_has 'is known to be' 'verified on this machine up to #34; no signed checkpoint seen here'
ok 'a checkpoint' "$MLEDGER" checkpoint
ok 'and a record later' "$MLEDGER" lineage churn/3
expect_stdout_has 'both are said' 'up to #34, not what came after: mledger verify goes on from there'
expect_stdout_has 'apart' 'the newest signed checkpoint seen here covers #0 to #34'
ok 'as JSON' "$MLEDGER" lineage churn/3 --json
has_verified() { grep -qE ',"verified":{"seq":34,"link":"[0-9a-f]{64}"},"checkpoint":{"size":35},' "$1"; }
cp "$OUT" json
ok 'too' has_verified json
ok 'at a record that was verified' "$MLEDGER" lineage churn/3 --as-of 34
expect_stdout_has 'all was' 'up to #34; the newest'
mv "$XDG_STATE_HOME" elsewhere
ok 'on another machine' "$MLEDGER" lineage churn/3 --as-of 34
expect_stdout_has 'nothing was' 'not verified on this machine'
rm -rf "$XDG_STATE_HOME"
mv elsewhere "$XDG_STATE_HOME"
narrow() { COLUMNS=24 script -qec "'$MLEDGER' lineage churn/3 --color never" /dev/null; }
if command -v script >/dev/null; then
    ok 'a narrow terminal' narrow
    expect_stdout_has 'gets a part of them' '... and 4 more: --json lists all'
else
    skip 'a narrow terminal' 'no script'
fi

# ---- time ----

ok 'long ago' test_must_fail 1 "$MLEDGER" lineage churn/3 --as-of 1
ok 'then' "$MLEDGER" lineage pipeline:churn --as-of '#3'
expect_stdout_has 'is said' 'as of #3'
ok 'no moment' test_must_fail 2 "$MLEDGER" lineage churn/3 --as-of yesterday
ok 'a record to come' test_must_fail 1 "$MLEDGER" lineage churn/3 --as-of 100000

# ---- errors ----

ok 'no such version' test_must_fail 1 "$MLEDGER" lineage churn/9
expect_stderr_has 'is said' "there is no version 9"
ok 'no reference' test_must_fail 2 "$MLEDGER" lineage ''
ok 'an actor' test_must_fail 2 "$MLEDGER" lineage actor:dana
ok 'two formats' test_must_fail 2 "$MLEDGER" --json lineage churn/3 --format svg
expect_stderr_has 'are one too many' 'two formats'
ok 'no such format' test_must_fail 2 "$MLEDGER" lineage churn/3 --format gif
ok 'a folder that is not there' test_must_fail 3 "$MLEDGER" lineage churn/3 -o no/such.svg
expect_stderr_has 'is named' "cannot make 'no/such.svg'"
echo mine >kept.svg
ok 'no answer' test_must_fail 1 "$MLEDGER" lineage churn/9 -o kept.svg
ok 'leaves the file as it was' grep -qx mine kept.svg
no_leftovers() { ! compgen -G '*.new' >/dev/null; }
ok 'and no other behind' no_leftovers
full_disk() { "$MLEDGER" lineage churn/3 -o /dev/full; }
if [ -c /dev/full ]; then
    ok 'a full disk' test_must_fail 3 full_disk
    expect_stderr_has 'is said' 'No space left'
else
    skip 'a full disk' 'no /dev/full'
fi

done_testing
