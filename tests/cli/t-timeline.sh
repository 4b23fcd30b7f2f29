#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# From when to when, on the scenario ledger: text, JSON, pictures.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/scenario.sh"

scenario_ledger
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}
# columns: the table alone, its columns parted by one space.
columns() {
    "$MLEDGER" timeline "$@" | sed '/^\*\|^not known\|^records used/,$d' | tr -s ' ' | sed 's/ $//'
}

# ---- text ----

ok 'who was in Production in 2025' columns --all --stage Production --from 2025-01-01 --to 2026-01-01
expect_stdout 'is all there' <<'END'
VERSION WHERE FROM TO BY APPROVED BY
churn/2 Production 2024-09-17 11:00:00 #75 2025-03-04 09:00:00* #101 erik olga #60
churn/4 Production 2025-02-24 08:00:00 #96 still erik carl #99 after the fact
embedding/1 Production 2024-02-06 09:00:00 #36 still erik nobody
fraud/1 Production 2024-04-10 07:30:00 #47 2025-03-12 07:31:00 #105 erik nobody
fraud/1 Production 2025-06-03 05:00:00 #121 still erik nobody
fraud/2 Production 2025-03-12 07:30:00 #104 2025-06-03 05:01:00 #122 erik olga #103
END
ok 'an alias' columns churn@champion
expect_stdout 'is one version after the other' <<'END'
VERSION WHERE FROM TO BY APPROVED BY
churn/1 @champion 2024-02-01 08:01:00 #31 2024-06-20 08:06:00 #63 erik
churn/2 @champion 2024-06-20 08:06:00 #63 2024-09-15 06:11:00 #74 erik
churn/3 @champion 2024-09-15 06:11:00 #74 2024-09-17 11:03:00 #78 erik
churn/2 @champion 2024-09-17 11:03:00 #78 2025-02-24 08:06:00 #98 erik
churn/4 @champion 2025-02-24 08:06:00 #98 still erik
END
ok 'an endpoint' columns fraud-api
expect_stdout 'served' <<'END'
VERSION WHERE FROM TO BY APPROVED BY
fraud/1 served by fraud-api (production), 100% 2024-04-10 07:35:00 #49 2025-03-12 07:35:00 #106 erik by ci
fraud/1 served by fraud-api (production), 100% 2025-06-03 05:02:00 #123 still erik
fraud/2 served by fraud-api (production), 100% 2025-03-12 07:35:00 #106 2025-06-03 05:02:00 #123 erik by ci
END
ok 'one version' "$MLEDGER" timeline churn/3
expect_stdout_has 'the mover approved it' 'erik #70 also the mover'
lacks 'and no other' churn/2
ok 'a late record' "$MLEDGER" timeline churn/2 --stage production
expect_stdout_has 'tells its claim' '* #101 claims to have happened at 2025-02-24T08:10:00Z'
expect_stdout_has 'and the records' 'records used, with their links:'
ok 'as of then' "$MLEDGER" timeline churn/2 --stage Production --as-of 2025-03-01
lacks 'it was not recorded' '* #101'
expect_stdout_has 'but since' '#101  churn/2, Production to Archived: claimed 2025-02-24T08:10:00Z, recorded'

# ---- intervals are half-open ----

ok 'from its end on' test_must_fail 1 "$MLEDGER" timeline churn/1 --stage Production --from 2024-06-23T08:00:00Z
expect_stdout_has 'it is not there' 'nothing in that time'
ok 'from a moment before' "$MLEDGER" timeline churn/1 --stage Production --from 2024-06-23T07:59:59Z
ok 'until its beginning' test_must_fail 1 "$MLEDGER" timeline churn/1 --stage Production --to '#30'
ok 'until a moment after' "$MLEDGER" timeline churn/1 --stage Production --to 2024-02-01T08:00:01Z

# ---- JSON and SVG ----

ok 'JSON' "$MLEDGER" timeline churn@champion --json
expect_stdout_has 'has the intervals' '{"intervals":[{"kind":"alias","name":"champion","model":"churn","version":1,"from":{"seq":31,'
expect_stdout_has 'and the basis' '"basis":{'
ok 'SVG' "$MLEDGER" timeline churn --format svg
cp "$OUT" one.svg
expect_stdout_has 'is titled' '<title id="mledger_title">timeline of churn</title>'
expect_stdout_has 'for those who hear it' 'role="img" aria-labelledby="mledger_title mledger_desc"'
expect_stdout_has 'has bars with tooltips' '<g class="bar stage production"><title>churn/1 in Production; since 2024-02-01T08:00:00Z (#30, erik: go-live after review)'
expect_stdout_has 'and claims' 'class="claimed"'
expect_stdout_has 'and marks' '>2024-07</text>'
ok 'into a file' "$MLEDGER" timeline churn -o two.svg
ok 'is the same to the byte' cmp one.svg two.svg

ok 'PDF' "$MLEDGER" timeline churn -o one.pdf
ok 'again' "$MLEDGER" timeline churn -o two.pdf
ok 'is the same to the byte' cmp one.pdf two.pdf
ok 'is of the time it tells of' grep -qaF '/CreationDate (D:20251231180000Z)' one.pdf

# ---- hostile names ----

long=$(printf 'x%.0s' $(seq 300))
{
    for name in '\"quo'"'"'te<b>bold</b>&amp;' 'line\nfeed\t\\N' '\u202egnirts' "$long" '\u0001\u001b[31m'; do
        printf '{"model_created": {"name": "%s"}}\n' "$name"
        printf '{"version_registered": {"model": "%s", "source": "x"}}\n' "$name"
        printf '{"stage_transitioned": {"model": "%s", "version": 1, "to_stage": "Staging"}, "details": {"reason": "%s"}}\n' "$name" "$name"
        printf '{"deployment_recorded": {"endpoint": "%s", "targets": [{"model": "%s", "version": 1, "share_ppm": 1000000}]}}\n' "$name" "$name"
    done
} >hostile.jsonl
ok 'hostile names' "$MLEDGER" append hostile.jsonl --key ada
ok 'can be drawn' "$MLEDGER" timeline --all -o hostile.svg
no_markup() { ! grep -q '<b>' hostile.svg && ! grep -qP '[\x00-\x08\x0b-\x1f\x{202e}]' hostile.svg; }
ok 'and do nothing' no_markup
if command -v python3 >/dev/null; then
    ok 'as XML' python3 -c 'import xml.dom.minidom as m; m.parse("hostile.svg")'
else
    skip 'as XML' 'no python3'
fi
ok 'and listed' "$MLEDGER" timeline --all
expect_stdout_has 'harmlessly' 'line\nfeed\t\N/1'

# ---- errors ----

ok 'of nothing' test_must_fail 2 "$MLEDGER" timeline
expect_stderr_has 'is asked back' 'say what the timeline is of, or --all'
ok 'of both' test_must_fail 2 "$MLEDGER" timeline churn --all
ok 'stages of an endpoint' test_must_fail 2 "$MLEDGER" timeline scoring --stage Production
ok 'no time' test_must_fail 2 "$MLEDGER" timeline churn --from soon
ok 'backwards' test_must_fail 2 "$MLEDGER" timeline churn --from 2025-01-01 --to 2024-01-01
ok 'no model' test_must_fail 1 "$MLEDGER" timeline chrn
ok 'a graph, which it is not' test_must_fail 2 "$MLEDGER" timeline churn -o churn.dot
expect_stderr_has 'is told' 'this answer cannot be had as dot'
expect_stderr_has 'with what it can' 'as text, json, svg, png or pdf it can'
ok 'and not written' test ! -e churn.dot
ok 'after the end' test_must_fail 2 "$MLEDGER" timeline churn --from 2999-01-01 --format svg

done_testing
