#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reports of the scenario ledger: what an auditor must not miss stands on the page.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/scenario.sh"

scenario_ledger

# shows VERSION NAME TEXT…: the report of the version holds each text. lacks VERSION NAME TEXT.
page_of() { printf '%s.html' "${1//\//-}"; }
shows() {
    grep -qF -- "$3" "$(page_of "$1")"
    report $? "$2"
}
lacks() {
    ! grep -qF -- "$3" "$(page_of "$1")"
    report $? "$2"
}
for version in churn/2 churn/3 churn/4 churn/5 fraud/1 fraud/2 fraud/3 fraud/4; do
    ok "the report of $version" "$MLEDGER" report $version -o "$(page_of $version)" --no-verify
done

shows churn/4 'an approval after the fact' \
    '<span class="bad">recorded after the version was moved there</span>'
shows churn/4 'by another person all the same' 'neither trained, registered, requested nor moved it'
shows churn/4 'the share of a canary' '<td>10 %</td>'
shows churn/4 'where it is still deployed' '<th scope="row">scoring-eu<br>'
shows churn/4 'the printed name of who approved' 'carl (Carl Weber)'
shows churn/4 'why' 'signed a day late, I was travelling'
shows churn/4 'the same as a picture in time' '>where churn/4 is and was<'
shows churn/4 'what changed from the version before' 'Compared with churn/2, which was in Production'
shows churn/4 'a parameter that was added' '<td>early_stopping</td><td>added</td>'
shows churn/4 'a metric, on what it was measured' '0.87<br><span class="quiet">on customers-holdout'
shows churn/4 'an exception' '<code>approval-late</code></th><td><span class="warn">entered Production'
shows churn/4 'which stands in brief too' \
    '<dt>Exceptions</dt><dd><span class="warn">A version entered Production before it was approved'
shows churn/4 'and at the clauses that it bears on' 'but approval-late: entered Production by #96'
shows churn/4 'a policy that came later answers nothing' 'no policy was in force when it entered Production'
shows churn/4 'who signed, by which records' 'who signed, and the records that let them'
shows churn/4 'a clause that no record answers' '<span class="warn">no record answers it</span>'
shows churn/4 'how large its data is' '53211034'
shows churn/4 'what the checks look for' '<code>leak</code></th><td>The same data was used'
shows churn/3 'an approval by who moved it' '<span class="bad">the same person as the mover</span>'
shows churn/2 'a time that was claimed' 'claimed: 2025-02-24'
shows churn/5 'what was rejected' '<span class="bad">rejected</span>'
shows churn/5 'and erased' '<span class="warn">erased</span>'
shows fraud/1 'Production without an approval' '<span class="warn">no approval is recorded</span>'
shows fraud/1 'the model it was made from' '<dt>Made from the model</dt><dd>embedding/1 '
shows fraud/1 'what it came back after' 'Compared with fraud/2, which was in Production before.'
shows fraud/2 'the digest of its data' 'sha256:'
shows fraud/4 'a run that no record tells of' 'no record of the run itself'
lacks fraud/4 'no parameters are made up' 'Parameters of the run</caption>'

ok 'verified' "$MLEDGER" report fraud/3 -o fraud-3.html
shows fraud/3 'a record in doubt is marked where it is described' '<span class="warn">in doubt: '
shows fraud/3 'and counted at the top' \
    '6 records of the ledger in doubt, 2 of them about this version or what it was made from'
ok 'of what is not in doubt' "$MLEDGER" report churn/4 -o churn-4.html
shows churn/4 'that is said' '6 records of the ledger in doubt, none of them about this version'
ok 'as it was before the key was stolen' "$MLEDGER" report fraud/2 --as-of 2025-04-01 -o then.html
ok 'Production goes on' grep -q 'it is there still' then.html

done_testing
