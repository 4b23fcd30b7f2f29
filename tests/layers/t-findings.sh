#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs/FINDINGS.md names every code that verify reports and every rule that refuses, and none that
# no longer exists; and each rule of the fold is held by a unit test.
#
#   t-findings.sh ROOT
set -eu
export LC_ALL=C
# shellcheck disable=SC2016,SC2086 # backquotes of the page; lists of codes on one line
root=${1:?the root of the sources}
page=$root/docs/FINDINGS.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# sources DIR...: all C code below, on one line.
sources() {
    for dir; do
        [ -d "$root/$dir" ] && find "$root/$dir" -name '*.c' -exec cat {} +
    done | tr -s '[:space:]' ' '
}

# codes: the quoted names among what grep found.
codes() {
    grep -oE '"[a-z0-9-]+"' | tr -d '"' | sort -u
}

# listed HEADING: the codes in the first column of the tables below that heading of the page.
listed() {
    awk -v heading="## $1" '/^## / { on = $0 == heading } on' "$page" |
        sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' | sort
}

# compare WHAT IN-SOURCES ON-PAGE
compare() {
    repeated=$(uniq -d "$3")
    missing=$(comm -23 "$2" "$3")
    stale=$(comm -13 "$2" "$3" | uniq)
    [ -z "$repeated" ] || { echo "FINDINGS.md names $1 more than once:" $repeated; failed=1; }
    [ -z "$missing" ] || { echo "FINDINGS.md lacks $1:" $missing; failed=1; }
    [ -z "$stale" ] || { echo "FINDINGS.md names $1 that there are not:" $stale; failed=1; }
}

all='ledger verify ingest export serve cli'
sources $all >"$work/all"
{
    grep -oE 'ML_SEVERITY_[A-Z_]+, "[a-z0-9-]+"' "$work/all"
    grep -oE 'ml_verify_report_error\([a-z_]+, "[a-z0-9-]+"' "$work/all"
    grep -oE 'ml_blame\( ?"[a-z0-9-]+"' "$work/all"
} | codes >"$work/findings"
{
    grep -oE 'ml_refuse\( ?([a-z_>.-]+ \? )?"[a-z0-9-]+"( : "[a-z0-9-]+")?' "$work/all"
    grep -oE 'check_new_id\(step, &id, "[a-z0-9-]+"' "$work/all"
} | codes >"$work/rules"

# A rule that grep cannot read would escape the page.
unread=$(grep -oE 'ml_refuse\([^)]{0,60}' "$work/all" | grep -vE '"[a-z0-9-]+"' |
    grep -vE '^ml_refuse\((rule|code), ' || true)
[ -z "$unread" ] || { echo "rules that are no string constants: $unread"; failed=1; }

listed 'Findings' >"$work/findings.page"
listed 'Rules' >"$work/rules.page"
for list in findings rules; do
    [ -s "$work/$list" ] || { echo "no $list were found in the sources"; failed=1; }
done
compare 'findings' "$work/findings" "$work/findings.page"
compare 'rules' "$work/rules" "$work/rules.page"

# Rules of the fold, each with a test that expects it.
{
    cat "$root"/ledger/core/fold*.c | tr -s '[:space:]' ' ' |
        grep -oE 'ml_refuse\( ?([a-z_>.-]+ \? )?"[a-z0-9-]+"( : "[a-z0-9-]+")?'
    grep -oE 'check_new_id\(step, &id, "[a-z0-9-]+"' "$root"/ledger/core/fold*.c
} | codes >"$work/fold"
while read -r rule; do
    grep -q "\"$rule\"" "$root"/tests/unit/test_rules_*.c ||
        { echo "no test of tests/unit/test_rules_*.c breaks rule $rule"; failed=1; }
done <"$work/fold"

[ $failed = 0 ] && echo "$(wc -l <"$work/findings") findings and $(wc -l <"$work/rules") rules are explained"
exit $failed
