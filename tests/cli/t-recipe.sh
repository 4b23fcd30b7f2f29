#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The script that brings back what a version was made from: it works, and no name in it does.
# shellcheck disable=SC2317 # functions are called through ok
# shellcheck disable=SC2016 # what stands in quotes is meant as it stands
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
"$MLEDGER" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
"$MLEDGER" import dvc . --name churn >/dev/null || exit 99
"$MLEDGER" import mlflow mlruns >/dev/null || exit 99

ok 'a recipe' "$MLEDGER" recipe churn/3 -o ../recipe.sh
ok 'is a script' sh -n ../recipe.sh
for text in "git checkout --detach '7e9880e0a8079fbbc26d7a5073bf5a9665d90577'" \
    "git checkout '467e5fcadc57b962e559fc92df934a253e4de5aa' -- 'dvc.lock' 'data/raw/customers.csv.dvc'" \
    "dvc checkout -- 'data/raw/customers.csv'" '"train.epochs": "200"' \
    "again '.' 'python src/train.py'" '# not known: with which arguments run e17f8ba5' \
    '# the source of dataset churn-train is not recorded' '# records used: #'; do
    ok "says $text" grep -qF -- "$text" ../recipe.sh
done
ok 'JSON' "$MLEDGER" recipe churn/3 --json
expect_stdout_has 'has it, too' '"script":"#!/bin/sh'
ok 'with evidence' "$MLEDGER" recipe churn/3 --evidence ../recipe.evidence
ok 'is still a script' sh -n "$OUT"

# In a clone, with what DVC would do: it takes the file from where it is.
git clone -q . ../clone || exit 99
mkdir ../bin
cat >../bin/dvc <<'END'
#!/bin/sh
[ "$1" = checkout ] && [ "$2" = -- ] && mkdir -p "$(dirname "$3")" && cp "$SOURCE/$3" "$3"
END
cat >../bin/python <<'END'
#!/bin/sh
echo "$PWD: $*" >>"$CALLS"
END
chmod +x ../bin/dvc ../bin/python
SOURCE=$PWD CALLS=$T/work/calls
export SOURCE CALLS
recipe=$T/work/recipe.sh
cd ../clone || exit 99
cook() { PATH=$T/work/bin:$PATH sh "$recipe" "$@"; }
ok 'brings everything back' cook
ok 'the commit' test "$(git rev-parse HEAD)" = 7e9880e0a8079fbbc26d7a5073bf5a9665d90577
ok 'the data' cmp data/raw/customers.csv "$SOURCE/data/raw/customers.csv"
ok 'the parameters' grep -qF '"train.l2": "0.001"' recipe-params.json
ok 'and ran nothing' test ! -e "$CALLS"
git checkout -qf . && git clean -qfd
ok 'runs the commands if asked' cook run
ok 'in order' grep -qF 'src/train.py' "$CALLS"
ok 'all three' test "$(wc -l <"$CALLS")" -eq 3
git checkout -qf . && git clean -qfd
sed -i 's/^check sha256sum .96cb/check sha256sum '"'"'00cb/' "$recipe"
ok 'other content is found' test_must_fail 1 cook
expect_stderr_has 'and named' 'data/raw/customers.csv is not what was recorded'

# ---- names that would do something if they could ----

mkdir ../hostile && cd ../hostile || exit 99
export XDG_CONFIG_HOME=$T/work/hostile/config XDG_STATE_HOME=$T/work/hostile/state
"$MLEDGER" init --name demo2 --actor alice --no-passphrase >/dev/null || exit 99
evil="a'\$(touch pwned)\`touch pwned\`\\\\ ; touch pwned\\n touch pwned #"
sha=sha256:$(printf 'x' | sha256sum | cut -d ' ' -f 1)
git=git:$(printf '%040d' 7)
"$MLEDGER" append - >/dev/null <<END || exit 99
{"pipeline_recorded": {"name": "p $evil", "commit": "$git", "snapshot": {"stages": [{"address": "-n $evil.dvc", "locked": true, "outs": [{"path": "-rf $evil", "digests": ["$sha"]}]}, {"address": "train $evil", "command": ["true '\$HOME'"], "working_directory": "-dir $evil", "locked": true, "deps": [{"path": "-rf $evil", "producers": [0], "digests": ["$sha"]}], "outs": [{"path": "model", "digests": ["sha256:$(printf '%064d' 4)"]}], "params": [{"file": "f $evil", "key": "k $evil"}]}]}}, "details": {"param_values": ["v $evil"]}}
{"run_started": {"run_id": "r $evil", "commit": "$git"}}
{"run_logged": {"run": "r $evil", "params": ["p $evil"], "tags": ["mlflow.source.name"], "inputs": [{"name": "d $evil", "role": "$evil", "digests": ["$sha"]}]}, "details": {"param_values": ["v $evil"], "tag_values": ["s $evil"]}}
{"model_created": {"name": "m"}}
{"version_registered": {"model": "m", "run_id": "r $evil", "artifacts": [{"path": "model", "digests": ["sha256:$(printf '%064d' 4)"]}]}}
END
ok 'a recipe of hostile names' "$MLEDGER" recipe m/1 -o recipe.sh
ok 'is a script' sh -n recipe.sh
mkdir bin
for name in git dvc; do
    printf '#!/bin/sh\nfor a; do printf "[%%s]" "$a"; done >>"%s/calls"\n' "$PWD" >bin/$name
    chmod +x bin/$name
done
PATH=$PWD/bin:$PATH sh recipe.sh >out 2>err
ok 'does nothing of its own' test ! -e pwned
ok 'runs git by whole words' grep -qF "[checkout][--detach][$(printf '%040d' 7)]" calls
ok 'and dvc' grep -qF "[checkout][--][-rf a'\$(touch pwned)" calls
ok 'stops where the content is not there' grep -qF 'is not what was recorded' err
sed 's/^check() {/check() { return 0; }; unused() {/' recipe.sh >rest.sh
PATH=$PWD/bin:$PATH sh rest.sh run >out 2>err
ok 'the commands neither' test ! -e pwned
ok 'parameters are what was recorded' grep -qF '$(touch pwned)`touch pwned`' recipe-params.json

# ---- what is not known ----

"$MLEDGER" version register m >/dev/null || exit 99
ok 'a version without a run' "$MLEDGER" recipe m/2
expect_stdout_has 'has no commit' '# not known: no commit is recorded'
expect_stdout_has 'no data' '# not known: no data is recorded'
expect_stdout_has 'and no command' '# not known: no command is recorded'
ok 'refuses what is not there' test_must_fail 1 "$MLEDGER" recipe m/9
ok 'refuses an actor' test_must_fail 2 "$MLEDGER" recipe actor:alice

done_testing
