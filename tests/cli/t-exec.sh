#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run exec: a command that is run and recorded, whatever becomes of it.
# shellcheck disable=SC2317 # functions are called through ok
# shellcheck disable=SC2016 # $ in quotes is for the command that is run
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
printf '.mledger\n/out\n' >.gitignore
mkdir data out
echo one >data/a
echo two >data/b
printf 'train:\n  lr: 0.10\n  layers: [1, 2]\nseed: 007\n' >params.yaml
cat >train <<'END'
#!/bin/sh
cat
echo progress >&2
echo weights >out/model
printf '{"auc": 0.930, "loss": {"test": 1e-3}, "note": "x"}' >out/metrics.json
END
chmod +x train

# How a command ended, where an exit code of 125 and more is expected.
ends_in() {
    local want=$1
    shift
    "$@"
    local got=$?
    [ "$got" -eq "$want" ] || { echo "exit code $got instead of $want" >&2; return 1; }
}
# exec_run OPTION...: without asking the Python each time.
exec_run() { "$MLEDGER" run exec --no-environment "$@"; }
# said SEQ|last: the record as JSON without spaces.
said() {
    local seq=$1
    [ "$seq" != last ] || seq=$("$MLEDGER" --json log -n 1 | sed -n 's/^{"seq":\([0-9]*\).*/\1/p')
    "$MLEDGER" --json show "$seq" | tr -d ' \n' >said
}
has() { grep -qF -- "$1" said; }
lacks() { ! grep -qF -- "$1" said; }
size() { "$MLEDGER" --json status | grep -o '"records":[0-9]*\|"size":[0-9]*' | head -1 | cut -d: -f2; }

# ---- what is recorded ----

feed() {
    echo fed | exec_run --id r1 --experiment churn --dep data --params params.yaml --out out/model \
        --metrics out/metrics.json --model churn -- ./train --epochs 3
}
ok 'a command' feed
expect_stdout 'has its streams as they are' <<'END'
fed
END
expect_stderr 'beside what is told' <<'END'
mledger: run r1 started  #2 to #4
progress
mledger: run r1 finished  #5
mledger: run r1: 1 output  #6
mledger: run r1: 2 metrics (1 value that are no numbers left out)  #7
mledger: run r1 is registered as churn/1  #8 to #9
END
said 3
ok 'the command line' has '"command":["./train","--epochs","3"]'
ok 'no repository, so no commit' lacks '"commit"'
ok 'but where it ran' has "\"working_directory\":\"$T/work\""
said 4
ok 'parameters, nested ones by their path' has '"params":["train.lr","train.layers","seed"]'
ok 'as they are written' has '"param_values":["0.10","[1,2]","007"]'
ok 'a directory by its manifest' has '"name":"data","digests":[{"digest":"sha256:'
said 5
ok 'the end' has '{"run_ended":{"run":3,"status":"finished","exit_status":0}}'
said 6
ok 'the output by its content' has '"path":"out/model","size":8,"digests":[{"digest":"sha256:'
said 7
ok 'metrics' has '"key":"loss.test"'
ok 'as they are written' has '"text":"0.930"}'
ok 'whatever the form' has '"text":"1e-3"}'
said 9
ok 'the version names the run' has '"run_ref":3,"run_id":"r1"'
ok 'and the file' has '"path":"out/model"'
ok 'a second version of the model' exec_run --id r2 --out out/model --model churn ./train
expect_stderr_has 'is the next one' 'registered as churn/2'

ok 'the environment' "$MLEDGER" run exec --id with-environment -- true
said "$(sed -n 's/.*started  #\([0-9]*\)$/\1/p' "$ERR")"
ok 'is recorded by its digest' has '"environment_sha256":"'
ok 'and in the details' has '"environment_json":"{'
ok 'with the kernel' has "\\\"release\\\":\\\"$(uname -r)\\\""
ok 'options end at the command' exec_run sh -c 'test "$1" = --quiet' - --quiet
ok 'the command finds its run' exec_run --id r3 sh -c \
    'cd / && "$MLEDGER" run log "$MLEDGER_RUN_ID" --metric inner=1 >"$0/logged"' "$PWD"
ok 'in the ledger that is open to others' grep -q 'run r3: 1 metric' logged
ok 'as JSON' exec_run --id r4 --out out/model ./train --json
ok '--json' "$MLEDGER" --json run exec --no-environment --id r5 -- sh -c 'exit 0'
expect_stderr_has 'is on standard error' '{"run_id":"r5","status":"finished","status_text":"finished","exit_status":0,'
ok '--receipt' exec_run --quiet --id r6 --receipt receipt.json -- true
expect_stderr 'says nothing then' </dev/null
ok 'is a file' grep -q '"run_id":"r6".*"not_recorded":\[\]' receipt.json

# ---- how it ends ----

ok 'its exit status' test_must_fail 7 exec_run --id f1 sh -c 'exit 7'
expect_stderr_has 'is told' 'run f1 failed with exit status 7'
said last
ok 'and recorded' has '"status":"failed","exit_status":7}'
ok 'a signal' ends_in 143 exec_run --id k1 sh -c 'kill -TERM $$'
expect_stderr_has 'is told' 'run k1 killed by SIGTERM'
said last
ok 'and recorded' has '"status":"killed","signal":15}'
ok 'a command that is not there' ends_in 127 exec_run --id n1 no-such-command
expect_stderr_has 'is named' "cannot run 'no-such-command': No such file or directory"
said last
ok 'the run failed' has '"status":"failed","exit_status":127}'
ok 'a command that is none' ends_in 126 exec_run --id n2 ./params.yaml
ok 'a failed command' test_must_fail 1 exec_run --id f2 --out out/none --metrics out/no.json \
    --model churn false
expect_stderr_has 'makes no version' 'a version of the model: the command failed'

# ---- outputs and dependencies ----

ok 'an output that is missing' exec_run --id o1 --out out/none --model churn true
expect_stderr_has 'is told' "not recorded: output 'out/none': it is not there"
expect_stderr_has 'and makes no version' 'a version of the model: an output of it is missing'
ok 'as an error if asked' ends_in 125 exec_run --id o2 --strict --out out/none true
ok 'an output of before' exec_run --id o3 --out out/model true
expect_stderr_has 'is not taken for one of this run' "output 'out/model': the command did not write it"
ok 'metrics of before' exec_run --id o4 --metrics out/metrics.json true
expect_stderr_has 'neither' "metrics 'out/metrics.json': the command did not write it"
ok 'metrics that are none' exec_run --id o5 --metrics out/bad.json sh -c 'echo [1] >out/bad.json'
expect_stderr_has 'are named' 'not recorded: metrics: out/bad.json:1: expected a mapping, found a list'
ok 'an output of the same content, written again' exec_run --id o6 --out out/model ./train
expect_stderr_has 'is one' 'run o6: 1 output'
ok 'a dependency that changes' exec_run --id d1 --dep data sh -c 'echo other >data/a'
expect_stderr_has 'is reported' "run d1: dependency 'data' changed while the command ran"
said last
ok 'and recorded as it became' has '"name":"data","digests":[{"digest":"sha256:'
ok 'marked so' has '"changed":true'
ok 'one that goes away' exec_run --id d2 --dep data/b sh -c 'rm data/b'
expect_stderr_has 'is reported too' "what the dependency became: there is no file or directory 'data/b'"
ok 'one that was only touched' exec_run --id d3 --dep data sh -c 'touch data/a'
expect_stderr 'is not' <<END
mledger: run d3 started  #$(($(size) - 3)) to #$(($(size) - 2))
mledger: run d3 finished  #$(($(size) - 1))
END
ok 'one that is an output as well' exec_run --id d4 --dep data --out data/ sh -c 'echo z >data/a'
ok 'is to change' test_must_fail 1 grep -q changed "$ERR"

# ---- where the command must not run ----

before=$(size)
not_run() { ends_in 125 exec_run "$@" touch ran; }
ok 'a dependency that is missing' not_run --dep data/none
expect_stderr_has 'is named' "--dep: there is no file or directory 'data/none'"
echo '[1' >broken.yaml
ok 'parameters that cannot be read' not_run --params broken.yaml
expect_stderr_has 'are named by file and line' '--params: broken.yaml:'
ok 'that are not there' not_run --params none.yaml
ok 'a parameter that is given twice' not_run --params params.yaml -p seed=1
expect_stderr_has 'is named' "param 'seed' is given twice"
ok 'an id that is taken' not_run --id r1
expect_stderr_has 'is named' "there is a run 'r1' already"
ok 'a model that is no name' not_run --model churn/3
ok 'a key that is none' not_run --key nobody
ok 'no command' ends_in 125 "$MLEDGER" run exec --dep data
ok 'an option that is none' ends_in 125 "$MLEDGER" run exec --nope true
mv .mledger elsewhere
ok 'no ledger' not_run --id none
mv elsewhere .mledger
: >file
ok 'a ledger that is none' ends_in 125 "$MLEDGER" --ledger file run exec touch ran
ok 'the command never ran' test ! -e ran
ok 'and nothing was recorded' test "$(size)" = "$before"

# ---- what cannot be recorded afterwards ----

ok 'a ledger that goes away' exec_run --id u1 --out out/model --metrics out/metrics.json \
    --model fresh sh -c 'mv .mledger away && exec ./train'
expect_stderr_has 'is told' 'run u1: not recorded: its end: there is no ledger'
kept=$XDG_STATE_HOME/mledger/unrecorded-u1.jsonl
expect_stderr_has 'with what helps' "try: mledger append $kept"
mv away .mledger
ok 'what was kept' "$MLEDGER" append "$kept"
expect_stdout_has 'is all of it' 'recorded 5 events'
ok 'as it would have been' "$MLEDGER" --json log --model fresh
expect_stdout_has 'with the version' '"kind":"version_registered"'
said "$(($(size) - 1))"
ok 'and whence' has '"run_id":"u1"'
ok 'a failure' test_must_fail 5 exec_run --id u2 sh -c 'mv .mledger away; exit 5'
mv away .mledger
lost() {
    chmod 700 "$XDG_STATE_HOME/mledger"
    XDG_STATE_HOME=$PWD/state exec_run --id u3 sh -c 'mv .mledger away; rm -r state; : >state'
}
ok 'what cannot even be kept' lost
expect_stderr_has 'is shown' '{"run_ended":{"run":'
mv away .mledger
rm state
"$MLEDGER" key new spare --no-passphrase >/dev/null
"$MLEDGER" actor add robot --kind service --roles recorder --key demo-admin >/dev/null
"$MLEDGER" key authorize robot spare --roles recorder --key demo-admin >/dev/null
ok 'a key that is revoked meanwhile' exec_run --id u4 --key spare sh -c \
    '"$MLEDGER" key revoke spare --cause retired --key demo-admin >/dev/null'
expect_stderr_has 'cannot record the end' 'run u4: not recorded: its end:'
ok 'which another key can' "$MLEDGER" append --key demo-recorder "$XDG_STATE_HOME/mledger/unrecorded-u4.jsonl"

# ---- signals to mledger; what is waited for is what the command writes ----

mkfifo ready
exec 8<>ready
# begin ID SCRIPT: the script says when it is ready. A shell has what it starts in the background
# ignore SIGINT; that is undone, as a terminal would not have it so.
begin() {
    (exec env --default-signal=INT "$MLEDGER" run exec --no-environment --id "$1" \
        -- sh -c "$2" >out/said 2>out/errors 8<&-) &
    pid=$!
    read -r -t 60 _ <&8
}
begin s1 'trap "echo told >out/told; exit 3" TERM; echo ready >ready; while :; do sleep 0.05; done'
kill -TERM "$pid"
wait "$pid"
ok 'a signal is sent on' test $? = 3
ok 'once the command runs' grep -q told out/told
said last
ok 'and a command that ends by it is recorded as killed' has '"status":"killed","exit_status":3,"signal":15}'
begin s2 'echo ready >ready; exec sleep 100'
kill -INT "$pid"
wait "$pid"
ok 'a command that a signal ends takes us along' test $? = 130
said last
ok 'recorded with the signal' has '"status":"killed","signal":2}'
begin s3 'trap "exit 0" USR1; echo ready >ready; while :; do sleep 0.05; done'
kill -USR1 "$pid"
wait "$pid"
ok 'other signals are sent on as well' test $? = 0
said last
ok 'and end nothing' has '"status":"finished","exit_status":0}'
begin s4 'echo $$ >out/pid; echo ready >ready; exec sleep 100'
kill -KILL "$pid"
wait "$pid" 2>/dev/null
kill -KILL "$(cat out/pid)"
ok 'if mledger is killed itself' "$MLEDGER" --json log --run s4
ok 'the run never ended' test_must_fail 1 grep -q run_ended "$OUT"
ignoring() {
    trap '' HUP
    exec_run --id s5 sh -c 'kill -HUP $$; kill -HUP $PPID; exit 0'
}
ok 'what was ignored stays so' ignoring

# ---- Ctrl-C, which a terminal sends to the command and to us ----

# The command counts it, and asks for a signal that is sent on after it; so a second one that was
# sent on as well would have come first.
counting='n=0; trap "n=\$((n + 1)); kill -USR1 \$PPID" INT; trap "exit \$n" USR1
    echo ready >ready; while :; do sleep 0.05; done'
if command -v script >/dev/null; then
    export counting
    mkfifo keys
    env --default-signal=INT script -qec 'exec "$MLEDGER" run exec --no-environment --id s6 -- sh -c "$counting"' /dev/null \
        <keys >out/terminal 2>&1 8<&- &
    pid=$!
    exec 7>keys
    read -r -t 60 _ <&8
    printf '\003' >&7
    wait "$pid"
    ok 'Ctrl-C reaches the command once' test $? = 1
    exec 7>&-
    rm keys
    said last
    ok 'and is recorded' has '"status":"killed","exit_status":1,"signal":2}'
else
    skip 'Ctrl-C' 'no script'
fi

# ---- Git ----

if command -v git >/dev/null; then
    git init -q . && git -c user.name=A -c user.email=a@example.org add .gitignore train data &&
        git -c user.name=A -c user.email=a@example.org commit -q -m one || exit 99
    rm -rf broken.yaml file logged ready receipt.json said params.yaml
    digest() { # ID: the record of the start, and the digest of what is not committed
        exec_run --id "$1" --dep data --out result -- sh -c 'date +%N >result' 2>out/errors || return 1
        said "$(sed -n 's/.*started  #\([0-9]*\).*/\1/p' out/errors)"
        grep -o '"changed_files":[0-9]*,"changes_sha256":"[0-9a-f]*"' said >"out/$1.digest" &&
            rm said
    }
    ok 'a clean tree' digest g1
    ok 'has no changes' grep -q '"changed_files":0' out/g1.digest
    echo 'echo more' >>train
    ok 'a file that changed' digest g2
    ok 'is one change' grep -q '"changed_files":1' out/g2.digest
    touch train
    ok 'touched, and outputs and dependencies differ' digest g3
    ok 'the same changes' cmp out/g2.digest out/g3.digest
    echo 'echo more still' >>train
    ok 'changed again' digest g4
    ok 'other changes' test_must_fail 1 cmp -s out/g2.digest out/g4.digest
    git add train
    ok 'staged' digest g5
    ok 'the same changes' cmp out/g4.digest out/g5.digest
    echo helper >helper.py
    ok 'a new file' digest g6
    ok 'is a change' grep -q '"changed_files":2' out/g6.digest
    rm .gitignore && ln -s train link && chmod -x helper.py
    printf '.mledger\n/out\n/ran\n' >.git/info/exclude
    ok 'a file that is gone, and a link' digest g6b
    ok 'are changes' grep -q '"changed_files":4' out/g6b.digest
    exec_run --id g6c true
    "$MLEDGER" --json show "$(($(size) - 2))" >said
    ok 'told by what became of them' grep -qF 'deleted 000000 - .gitignore' said
    ok 'of a link where it leads' grep -qF "added 120000 $(printf train | sha256sum | cut -d' ' -f1) link" said
    rm said
    git rm -q --cached train data/a 2>/dev/null
    git checkout -q -- .gitignore
    ok 'what was taken from the index alone' digest g6d
    ok 'is no change' grep -q '"changed_files":3' out/g6d.digest
    git reset -q
    ok 'a subdirectory' sh -c 'mkdir -p sub && cd sub && "$MLEDGER" run exec --no-environment --id g7 true'
    said "$(($(size) - 2))"
    ok 'is known by its place in the repository' has '"working_directory":"sub"'
    ok 'and the list by its lines' has 'added100644'
    ok '--commit none' exec_run --id g8 --commit none true
    said "$(($(size) - 2))"
    ok 'is none' lacks changes
else
    skip 'Git' 'no git'
fi
expect_sound 'the ledger verifies'
done_testing
