#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The report of a model version: what stands in it, that it is one page that needs nothing else, and
# that no name in the ledger can be more than text there.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

evil='"><script>alert(1)</script>&<!--\N'
new_ledger
add_approver bob
"$MLEDGER" append - >/dev/null <<JSON || exit 99
{"run_started": {"run_id": "r1", "commit": "git:c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1"}}
{"run_logged": {"run": "r1", "params": ["lr", "a<b"], "metrics": [{"key": "auc", "step": 1, "time": "2026-01-01T00:00:05Z"}, {"key": "auc", "step": 2, "time": "2026-01-01T00:00:09Z"}], "inputs": [{"name": "customers", "role": "training", "digests": ["sha256:1111111111111111111111111111111111111111111111111111111111111111"]}]}, "details": {"param_values": ["0.10", "<script>x</script>"], "metric_values": [{"value": 0.5, "text": "0.50"}, {"value": 0.75, "text": "0.750"}]}}
{"run_ended": {"run": "r1", "status": "finished"}}
{"model_created": {"name": "churn"}, "details": {"description": "Who will leave"}}
{"version_registered": {"model": "churn", "run_ref": "r1", "artifacts": [{"path": "old.bin", "digests": ["sha256:2222222222222222222222222222222222222222222222222222222222222222"]}]}}
{"stage_transitioned": {"model": "churn", "version": 1, "to_stage": "Production"}}
JSON
ok 'a second version' "$MLEDGER" version register churn --run r1 --description "$evil"
ok 'validated' "$MLEDGER" validation add churn/2 --passed --check auc=0.93:passed --name holdout
ok 'approved' "$MLEDGER" approve churn/2 --stage Production --key bob --reason 'Looks sound'
ok 'moved' "$MLEDGER" version transition churn/2 Production --archive-existing --reason 'Go'
ok 'an alias' "$MLEDGER" version alias churn/2 champion
ok 'deployed' "$MLEDGER" deploy scoring churn/2 --environment eu
ok 'an incident' "$MLEDGER" incident open INC-7 --model churn/2 --title 'Drift' --severity high

page=page.html
ok 'a report' "$MLEDGER" report models:/churn/2 -o $page

# has NAME TEXT; lacks NAME TEXT: in the page.
has() {
    sed 's/<wbr>//g' $page | grep -qF -- "$2"
    report $? "$1"
}
lacks() {
    ! grep -qF -- "$2" $page
    report $? "$1"
}

has 'names the version' '<h1>Model report: churn/2</h1>'
has 'says what the model is for' 'Who will leave'
has 'where it is' '<th scope="row">Production</th>'
has 'who approved, and what that means' 'approved: “I approve what this record says.”'
has 'why' 'Looks sound'
has 'the data by its digest' \
    'sha256:1111111111111111111111111111111111111111111111111111111111111111 claimed'
has 'the code' 'git:c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1'
has 'a parameter' '<td>0.10</td>'
has 'or rather as it was written' '<td>0.750</td>'
has 'the validation' 'auc = 0.93: passed'
has 'the incident' 'Drift'
has 'a picture' '<title id="lineage_mledger_title">lineage of churn/2</title>'
has 'that the ledger was verified' '<span class="good">verified</span>'
has 'what was not proven' '<code>anchor</code>'
has 'a clause' 'EU AI Act, Art. 12(1)'
has 'another' '21 CFR 11.50(a)'
has 'a third' '17 CFR 240.17a-4(f)(2)(ii)'
has 'and a fourth' 'SR 26-2, validation'

# ---- one page that needs nothing else ----

lacks 'no script' '<script'
lacks 'nothing is loaded' ' src='
lacks 'nor imported' '@import'
lacks 'nor linked' '<link'
only_inner_links() { ! grep -oE '(xlink:)?href="[^"]*"' $page | grep -vE 'href="#'; }
ok 'links lead into the page alone' only_inner_links
links_arrive() {
    grep -oE 'href="#[^"]*"' $page | sed 's/href="#//; s/"$//' | sort -u >links
    grep -oE ' id="[^"]*"' $page | sed 's/ id="//; s/"$//' | sort >ids
    [ -s links ] && [ -z "$(comm -23 links <(sort -u ids))" ] && [ -z "$(uniq -d ids)" ]
}
ok 'each of them arrives, and no id is there twice' links_arrive
has 'its language' '<html lang="en">'
has 'a way past the contents' 'class="skip" href="#report"'
has 'headings of rows' '<th scope="row">'
has 'headings of columns' '<th scope="col">'
has 'dark mode' 'prefers-color-scheme: dark'
has 'paper' '@media print'

# ---- hostile names ----

has 'markup in a description is text' '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&lt;!--\N'
has 'in the value of a parameter' '&lt;script&gt;x&lt;/script&gt;'
has 'and in its name' 'a&lt;b'

# ---- its other form, other moments ----

ok 'again' "$MLEDGER" report churn@champion -o again.html
ok 'the same ledger gives the same bytes' cmp $page again.html
ok 'by stage' "$MLEDGER" report models:/churn/Production
cp "$OUT" printed.html
ok 'to standard output' cmp printed.html $page
ok 'as JSON' "$MLEDGER" report churn/2 --json
expect_stdout_has 'with the same sections' '"id":"clauses"'
expect_stdout_has 'and values' '"approvals":[{"at":'
expect_stdout_has 'and what it rests on' '"basis":{'
ok 'JSON by the ending' "$MLEDGER" report churn/2 -o page.json
ok 'is JSON' grep -q '^{"report":"model"' page.json
ok 'before it was approved' "$MLEDGER" report churn/2 --as-of 11 -o then.html
ok 'no approval is there' grep -q 'Who approved it, and for what: <span class="quiet">nothing recorded' then.html
ok 'without verifying' "$MLEDGER" report churn/2 --no-verify -o unverified.html
ok 'it says so' grep -q 'No verification was run for this report' unverified.html
"$MLEDGER" checkpoint -o churn.checkpoint >/dev/null || exit 99
ok 'held against a checkpoint' "$MLEDGER" report churn/2 --against churn.checkpoint -o held.html
ok 'says how far that goes' grep -q 'anchored up to size 18' held.html

# ---- on paper: a browser stands in for Chromium; tests/interop/report has the real one ----

mkdir bin none tmp
cat >bin/chromium <<'SH'
#!/bin/sh
for word; do
    case $word in
    --print-to-pdf=*) pdf=${word#*=} ;;
    --user-data-dir=*) mkdir -p "${word#*=}/Default" ;;
    file://*) page=${word#file://} ;;
    esac
done
[ ! -e fail ] || exit 3
[ -e silent ] || { printf '%%PDF-1.7\n' && grep -o '<h1>.*</h1>' "$page"; } >"$pdf"
SH
chmod +x bin/chromium
# on_paper COMMAND...: with that browser, and a directory of its own for what is temporary.
on_paper() { env PATH="$PWD/bin:$PATH" TMPDIR="$PWD/tmp" "$@"; }
ok 'a PDF by the ending' on_paper "$MLEDGER" report churn/2 -o page.pdf
ok 'is what the browser made of the page' grep -q '<h1>Model report: churn/2</h1>' page.pdf
ok 'a PDF beside the page' on_paper "$MLEDGER" report churn/2 -o both.html --pdf both.pdf
ok 'is the same' cmp page.pdf both.pdf
"$MLEDGER" report churn/2 -o now.html
ok 'and so is the page' cmp now.html both.html
ok 'a PDF alone' on_paper "$MLEDGER" report churn/2 --pdf alone.pdf
expect_stdout 'leaves nothing to be said' </dev/null
ok 'nothing stays behind' rmdir tmp
mkdir tmp && touch fail
ok 'a browser that fails' test_must_fail 3 on_paper "$MLEDGER" report churn/2 -o failed.pdf
expect_stderr_has 'is named' "'chromium' failed with exit status 3"
ok 'leaves no file' test ! -e failed.pdf
rm fail && touch silent
ok 'a browser that makes nothing' test_must_fail 3 on_paper "$MLEDGER" report churn/2 -o failed.pdf
expect_stderr_has 'is found out' "'chromium' made no PDF"
ok 'no browser' test_must_fail 3 env PATH="$PWD/none" "$MLEDGER" report churn/2 --pdf failed.pdf
expect_stderr_has 'is said, and what to do' 'print that from any browser'
ok 'nothing stays behind' rmdir tmp

# ---- what is no version ----

ok 'a version that is not there' test_must_fail 1 "$MLEDGER" report churn/9 -o none.html
expect_stderr_has 'is named' "there is no version 9 of model 'churn'"
ok 'leaves no file' test ! -e none.html
ok 'a model' test_must_fail 2 "$MLEDGER" report churn
expect_stderr_has 'is no version' "'churn' names no version of a model"
expect_stderr_has 'and what to ask instead' 'mledger report churn/latest'
ok 'a run' test_must_fail 2 "$MLEDGER" report runs:/r1
ok 'nothing' test_must_fail 2 "$MLEDGER" report
expect_stderr_has 'is asked for' "'report' needs REF"

# ---- what was erased, what is damaged ----

approval=$("$MLEDGER" log --model churn/2 --kind approval_recorded --json | sed 's/.*"seq":\([0-9]*\).*/\1/')
ok 'a reason is erased' "$MLEDGER" erase "$approval" --reason 'request 1' --key demo-admin
ok 'the report' "$MLEDGER" report churn/2 -o $page
lacks 'has it no more' 'Looks sound'
has 'and says so' '<span class="warn">erased</span>'

# ---- what was imported ----

from='"imported_from": "mlflow_server"'
"$MLEDGER" append - >/dev/null <<JSON || exit 99
{$from, "run_started": {"run_id": "there"}, "details": {"occurred_at": "2025-12-01T08:00:00Z"}}
{$from, "run_ended": {"run": "there", "status": "finished"}, "details": {"occurred_at": "2025-12-01T09:30:00Z"}}
{$from, "logged_model_created": {"model_id": "m-1", "name": "forest", "run": "there"}}
{$from, "model_created": {"name": "taken"}}
{$from, "version_registered": {"model": "taken", "run_ref": "there", "logged_model_ref": "m-1"}}
JSON
ok 'a report of a version that was imported' "$MLEDGER" report taken/1 --no-verify -o taken.html
page=taken.html
has 'says of who recorded it that somebody else did it' \
    '<br><span class="quiet">imported from an MLflow server</span>'
has 'when its run began' 'claimed: 2025-12-01 08:00:00 UTC'
has 'and ended' 'claimed: 2025-12-01 09:30:00 UTC'
has 'the logged model' '<dt>Registered from the logged model</dt><dd><code>m-1</code><br>forest'
done_testing
