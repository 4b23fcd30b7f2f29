#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is drawn of hostile names, in every form of every question that is drawn, and of the largest
# pipelines there are.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

# no_controls FILE: nothing in it can move a cursor, end a line early or turn text around.
no_controls() {
    ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' "$1" && ! grep -qaP '\x{202e}|\x{2066}' "$1"
}
is_xml() {
    if command -v xmllint >/dev/null; then
        xmllint --noout --nonet "$1"
    else
        python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$1"
    fi
}
is_json() { python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$1"; }
# is_dot FILE: Graphviz reads it and has nothing to say about it.
is_dot() { dot -Tcanon "$1" >/dev/null && [ -z "$(dot -Tcanon "$1" 2>&1 >/dev/null)" ]; }

# sound FILE: it is what its ending says.
sound() {
    case $1 in
    *.svg) is_xml "$1" && no_controls "$1" && ! grep -qE '<(b|script|TABLE)[ >]' "$1" ;;
    *.png) [ "$(head -c 4 "$1")" = "$(printf '\211PNG')" ] ;;
    *.pdf) [ "$(head -c 5 "$1")" = '%PDF-' ] && [ "$(tail -n 1 "$1")" = '%%EOF' ] ;;
    *.json) is_json "$1" && no_controls "$1" ;;
    *.dot) is_dot "$1" && no_controls "$1" ;;
    *) no_controls "$1" ;;
    esac
}
# ---- hostile names ----

new_ledger
long=$(printf 'p%.0s' $(seq 300))
names=('\"quo'"'"'te<b>bold</b>&amp;' 'line\nfeed\ttab\r' 'C:\\new\\N\\G\\l' '\u202egnp.exe \u2066x'
    '\u05e9\u05dc\u05d5\u05dd' "$long/$long" '\u0001\u001b[31m\u007f' ']]>--><script>x</script>'
    '{a|b}<TABLE>;#35;:::x' '&#60;svg onload=x&#62;')
# each TEXT: it with each name for @ and the name's number for ~, parted by commas.
each() {
    local i text list=''
    for i in "${!names[@]}"; do
        text=${1//@/"${names[i]}"}
        list+="${list:+, }${text//'~'/1$i}"
    done
    printf '%s' "$list"
}
zeros=$(printf '0%.0s' $(seq 60))
for run in 1 2; do
    # The second run reads and makes other content under the same names.
    cat <<END
{"run_started": {"run_id": "r$run", "name": "${names[run]}", "commit": "git:${zeros:21}$run"}}
{"run_logged": {"run": "r$run", "params": [$(each '"@"')], "metrics": [$(each '{"key": "@", "step": 1, "time": "2026-01-01T00:00:00Z"}, {"key": "@", "step": 2, "time": "2026-01-01T00:00:00Z"}')], "inputs": [$(each "{\"name\": \"@\", \"role\": \"@\", \"digests\": [\"sha256:a$run${zeros}~\"]}")], "outputs": [$(each "{\"path\": \"@\", \"digests\": [\"sha256:b$run${zeros}~\"]}")]}, "details": {"param_values": [$(each "\"$run @\"")], "metric_values": [$(each "\"$run.~\", \"0.~\"")]}}
END
done >hostile.jsonl
# The first name as it is, which is how a user types it.
model=${names[0]//\\/}
cat >>hostile.jsonl <<END
{"model_created": {"name": "${names[0]}"}}
END
for run in 1 2; do
    cat <<END
{"version_registered": {"model": "${names[0]}", "run_ref": "r$run"}}
{"validation_recorded": {"model": "${names[0]}", "version": $run, "outcome": "passed", "name": "${names[3]}"}}
{"stage_transitioned": {"model": "${names[0]}", "version": $run, "to_stage": "Staging"}, "details": {"reason": "${names[1]}"}}
{"alias_set": {"model": "${names[0]}", "alias": "champion", "version": $run}}
{"deployment_recorded": {"endpoint": "${names[run]}", "environment": "${names[4]}", "targets": [{"model": "${names[0]}", "version": $run, "share_ppm": 1000000}]}}
END
done >>hostile.jsonl
ok 'hostile names' "$MLEDGER" append hostile.jsonl
digest=sha256:a1${zeros}10
while read -r name forms question; do
    eval "set -- $question"
    for form in ${forms//,/ }; do
        if { [ "$form" = json ] && ! command -v python3; } ||
            { [ "$form" = svg ] && ! command -v python3 xmllint; } ||
            { [ "$form" = dot ] && ! command -v dot; }; then
            skip "$name as $form" 'nothing here reads it'
            continue
        fi >/dev/null
        ok "$name as $form" "$MLEDGER" "$@" -o "$name.$form"
        ok 'is sound' sound "$name.$form"
    done
done <<'END'
lineage svg,png,pdf,dot,mermaid,json,text lineage "$model/1" --max-nodes 200
impact svg,dot,mermaid,json,text impact "$digest"
path svg,dot,mermaid,json,text path "$digest" "$model/1"
diff svg,dot,mermaid,json,text diff "$model/1" "$model/2" --max-nodes 200
timeline svg,png,pdf,json,text timeline --all
metrics svg,png,pdf,json,text metrics "$model/1" "$model/2"
END
ok 'all names are drawn' test "$(grep -c 'class="node ' lineage.svg)" -gt $((${#names[@]} + 4))
few_runs() { [ "$(grep -c 'class="node dataset' few.svg)" -eq 0 ]; }
ok 'unless there are many' "$MLEDGER" lineage "$model/1" -o few.svg
ok 'then as one' few_runs
ok 'which is said' grep -q "+${#names[@]} more\|>${#names[@]} datasets<" few.svg

# ---- the largest pipelines ----

# in_time SECONDS COMMAND...: within so much time of the processor, however busy the machine is.
in_time() {
    (
        ulimit -t "$1"
        shift
        exec "$@"
    )
}
nodes_of() { grep -o 'class="node ' "$1" | wc -l; }
projects=${MLEDGER_SHARED:-$TESTS_CLI/../../../shared}/data/dvc/projects
while read -r project name stages; do
    if [ ! -d "$projects/$project" ]; then
        skip "a pipeline of $stages stages" 'it is not here'
        continue
    fi
    ok "a pipeline of $stages stages" "$MLEDGER" import dvc "$projects/$project" --name big
    lock=$(find "$projects/$project" -name dvc.lock | head -n 1)
    md5=$(sed -n 's/^ *md5: \([0-9a-f]\{32\}\)$/\1/p' "$lock" | tail -n 1)
    ok 'content in its attachment' "$MLEDGER" history "md5:$md5"
    expect_stdout_has 'leads to it' "pipeline $name"
    ok 'and to its stages' "$MLEDGER" lineage "md5:$md5"
    expect_stdout_has 'by name' 'made by stage'
    ok 'as DOT' in_time 10 "$MLEDGER" dag "$name" --format dot
    ok 'has every stage' test "$(grep -c '^"[^>]*";$' "$OUT")" -eq "$stages"
    ok 'as a picture' in_time 10 "$MLEDGER" dag "$name" -o dag.svg
    ok 'is one' sound dag.svg
    ok 'is folded and says so' grep -q "$stages nodes drawn as" dag.svg
    ok 'to what can be read' test "$(nodes_of dag.svg)" -le 150
    ok 'again' in_time 10 "$MLEDGER" dag "$name" -o again.svg
    ok 'is the same to the byte' cmp dag.svg again.svg
    ok 'its lineage' in_time 10 "$MLEDGER" lineage "pipeline:$name" -o lineage.svg
    ok 'is one' sound lineage.svg
    ok 'that can be read' test "$(nodes_of lineage.svg)" -le 150
    if [ -n "${MLEDGER_SOAK:-}" ]; then # not folded: on the lower rungs of the ladder
        ok 'all of it' in_time 60 "$MLEDGER" lineage "pipeline:$name" --max-nodes 10000 -o all.svg
        ok 'is one' sound all.svg
        ok 'with thousands of nodes' test "$(nodes_of all.svg)" -gt 2000
        ok 'again' in_time 60 "$MLEDGER" lineage "pipeline:$name" --max-nodes 10000 -o again.svg
        ok 'is the same to the byte' cmp all.svg again.svg
    fi
    ok 'as a page' in_time 10 "$MLEDGER" lineage "pipeline:$name" -o lineage.pdf
    ok 'is one' sound lineage.pdf
done <<'END'
dfsnow+opentimes big 4172
BlueBrain+morphoclass big/dvc 1353
END

done_testing
