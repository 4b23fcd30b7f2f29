#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What was recorded after the moment that --as-of names and bears on the answer is told apart from it,
# by every question.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/scenario.sh"

scenario_ledger
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}
late='#101  churn/2, Production to Archived: claimed 2025-02-24T08:10:00Z, recorded 2025-03-04T09:00:00Z, erik'

# ---- a late record, by every command that tells of churn/2 ----

while read -r question; do
    # shellcheck disable=SC2086 # words
    ok "$question" "$MLEDGER" $question --as-of 2025-03-01
    expect_stdout_has 'tells of the late record' "$late"
done <<'END'
timeline churn
timeline --all
history model:churn
history churn/2
history actor:erik
inventory
lineage churn/2
impact dataset:customers
path git:9c0abe51c6e6 churn/2
diff churn/2 churn/4
compare churn 2 4
metrics churn/2
recipe churn/2
report flow
END
ok 'report exceptions' test_must_fail 1 "$MLEDGER" report exceptions --as-of 2025-03-01
expect_stdout_has 'tells of the late record' "$late"
ok 'report' "$MLEDGER" report churn/2 --no-verify --format json --as-of 2025-03-01 -o report.json
ok 'in JSON' jq -c '[.basis.corrections[].seq]' report.json
expect_stdout_has 'tells of it' '[101]'
ok 'and in its own words' jq -c '.sections[] | select(.id == "later") | .corrections[] | [.kind, .what]' report.json
expect_stdout_has 'tells what it is' '["claim","churn/2, Production to Archived"]'
ok 'the page' "$MLEDGER" report churn/2 --no-verify --as-of 2025-03-01 -o report.html
expect_stderr 'and nothing else is said' <<'END'
END
ok 'has a section of it' grep -q 'What was recorded later' report.html
ok 'the page of today' "$MLEDGER" report churn/2 --no-verify -o today.html
ok 'needs none' test_must_fail 1 grep -q 'What was recorded later' today.html
ok 'at' "$MLEDGER" at churn Production 2025-03-01 --as-of 2025-03-01
expect_stdout_has 'tells of it as before' "$late; not counted here"
lacks 'and once' 'recorded later, and not in this answer'

# Without --as-of it counts, and where a time was claimed both are given.
ok 'impact of today' "$MLEDGER" impact dataset:customers
expect_stdout_has 'has when it was recorded' '2024-09-17 11:00:00 to 2025-03-04 09:00:00'
expect_stdout_has 'and what it claims' '* #101 claims to have happened at 2025-02-24T08:10:00Z'

# ---- what does not concern the answer ----

ok 'a change since' "$MLEDGER" timeline churn --as-of 2025-03-05
lacks 'is no correction' 'recorded later'
ok 'another version' "$MLEDGER" history churn/1 --as-of 2025-03-01
lacks 'has none' 'recorded later'
ok 'another stage' "$MLEDGER" timeline churn --stage Staging --as-of 2025-03-01
lacks 'has none, too' 'recorded later'
ok 'a time before the claim' "$MLEDGER" timeline churn --as-of 2025-02-24T08:09:00Z
lacks 'has none, either' 'recorded later'
ok 'all that is known' "$MLEDGER" timeline churn
lacks 'needs none' 'recorded later'

# ---- the other kinds ----

ok 'a stolen key and an incident' "$MLEDGER" timeline fraud --as-of 115
expect_stdout_has 'cast doubt' \
    '#118  actor ben, key e5e408365465e16d compromised (casts doubt on #112, #113): recorded 2025-05-20T08:00:00Z, dana'
expect_stdout_has 'are told' '#120  incident INC-7, opened: recorded 2025-06-02T06:00:00Z, erik'
lacks 'but not its end' 'INC-7, closed'
ok 'an erasure' "$MLEDGER" history churn/5 --as-of 141
expect_stdout_has 'is told' '#142  record #140 (details erased): recorded 2025-10-20T09:00:00Z, dana'
ok 'the report of them' "$MLEDGER" report erasures --as-of 141
expect_stdout_has 'tells of it, too' '#142  record #140 (details erased)'
ok 'JSON' "$MLEDGER" timeline fraud --as-of 115 --json -o fraud.json
ok 'with the records concerned' jq -c '.basis.corrections[] | [.seq, .kind, .of, .counts, (.link | length)]' fraud.json
expect_stdout_has 'of the key' '[118,"revocation",[112,113],false,64]'
expect_stdout_has 'and of the incident' '[120,"incident",[],false,64]'

# ---- other forms, and the evidence ----

ok 'a picture' "$MLEDGER" timeline fraud --as-of 115 --format svg -o fraud.svg
expect_stderr_has 'says that there is more' '2 records made later bear on this and are not in it'
ok "another's format" "$MLEDGER" export --format mermaid churn/2 --as-of 2025-02-26 -o churn.mmd
expect_stderr_has 'says so, too' '1 record made later bears on this and is not in it; what lists it: mledger lineage --json'
ok 'as of today' "$MLEDGER" export --format mermaid churn/2 -o churn.mmd
expect_stderr 'there is none' </dev/null
ok 'the evidence' "$MLEDGER" timeline fraud --as-of 115 --evidence fraud.evidence
ok 'holds them' "$MLEDGER_VERIFY" fraud.evidence --json
expect_stdout_has 'with their doubt' 'a key speaks in it that record 118 says was not to be trusted any more'
cp "$OUT" verified.json
ok 'and what else was used' jq -e --slurpfile answer fraud.json \
    '.bundle.opened >= ($answer[0].basis | (.records | length) + (.corrections | length))' verified.json

done_testing
