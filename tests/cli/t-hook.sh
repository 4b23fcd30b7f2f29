#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# hook install, remove and run: Git starts imports, and no commit waits for one or fails by it.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
command -v git >/dev/null || skip_all 'no git'
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
"$MLEDGER" --ledger "$PWD/ledger" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
export MLEDGER_DIR=$PWD/ledger

# project DIR: a repository with a DVC project of one stage.
project() {
    git init -q "$1" && mkdir "$1/.dvc" && : >"$1/.dvc/config" && stage "$1" 1
}
stage() { # DIR N: what the stage is locked with
    printf 'stages:\n  train:\n    cmd: train\n    outs: [model]\n' >"$1/dvc.yaml"
    printf 'schema: "2.0"\nstages:\n  train:\n    cmd: train\n    outs:\n    - path: model\n      hash: md5\n      md5: %032d\n      size: 1\n' \
        "$2" >"$1/dvc.lock"
}
# commit DIR: with the hooks that are in place.
commit() { git -C "$1" add -A && git -C "$1" commit -q -m "$(date +%s%N)"; }
# imported N: that many records of a pipeline are there; an import in the background takes its time.
imported() {
    local i
    for i in $(seq 600); do
        [ "$("$MLEDGER" --json log | grep -c pipeline_recorded)" -ge "$1" ] && return 0
        sleep 0.05
    done
    return 1
}
# settled DIR: no import runs there.
settled() { flock "$1/.git/mledger-hook.lock" true; }

project p
ok 'hooks' "$MLEDGER" hook install --dir p
expect_stdout_has 'are put in place' "installed     $PWD/p/.git/hooks/post-commit"
expect_stdout_has 'two of them' "$PWD/p/.git/hooks/post-merge"
expect_stdout_has 'and where they tell' "what an import says is in $PWD/p/.git/mledger-hook.log"
ok 'one that can be run' test -x p/.git/hooks/post-commit
cp p/.git/hooks/post-commit before
ok 'again' "$MLEDGER" hook install --dir p
expect_stdout_has 'changes nothing' 'is there'
ok 'not a byte' cmp before p/.git/hooks/post-commit
ok 'a commit' commit p
ok 'is imported' imported 1
settled p
ok 'and told of' grep -q 'appended [0-9]* record' p/.git/mledger-hook.log
stage p 2
ok 'the next one' commit p
ok 'too' imported 2
git -C p checkout -q -b other && stage p 3 && commit p
ok 'on a branch' imported 3
settled p
git -C p checkout -q - && git -C p merge -q --no-edit other 2>/dev/null
ok 'a merge that goes forward' test "$(git -C p rev-parse HEAD)" = "$(git -C p rev-parse other)"
ok 'is imported' imported 3

# ---- what goes wrong stays away from Git ----

settled p
mv ledger elsewhere
stage p 4
ok 'a commit without a ledger' commit p
ok 'is one' test -z "$(git -C p status --porcelain)"
for i in $(seq 600); do grep -q 'there is no ledger' p/.git/mledger-hook.log && break; sleep 0.05; done
ok 'and the log says what was wrong' grep -q "there is no ledger in '.*/ledger'" p/.git/mledger-hook.log
settled p
mv elsewhere ledger
stage p 5
ok 'afterwards' commit p
ok 'all is well again' imported 4

# ---- one at a time ----

settled p
before=$("$MLEDGER" --json log | grep -c pipeline_recorded)
(
    flock 9
    for i in 6 7 8; do stage p $i && commit p; done 9>&- # or the hooks would hold the lock, too
    ok 'commits do not wait for an import that runs' test -e p/.git/mledger-hook.lock
    for i in $(seq 600); do test -e p/.git/mledger-hook.again && break; sleep 0.05; done
    ok 'but leave a mark' test -e p/.git/mledger-hook.again
) 9<>p/.git/mledger-hook.lock
ok 'whoever is at it imports once more' "$MLEDGER" hook run --dir p
ok 'the last of them' imported $((before + 1))
settled p
ok 'and that is all' test "$("$MLEDGER" --json log | grep -c pipeline_recorded)" -le $((before + 3))
ok 'no mark is left' test ! -e p/.git/mledger-hook.again

# ---- somebody's own hooks ----

project q
printf '#!/bin/sh\necho mine\n' >q/.git/hooks/post-merge
chmod +x q/.git/hooks/post-merge
ok 'a hook of their own' test_must_fail 3 "$MLEDGER" hook install --dir q
expect_stderr_has 'is not changed' "there is a hook already: '$PWD/q/.git/hooks/post-merge'"
expect_stderr_has 'and the line to add is shown' 'add this line to it: '
sed -n 's/.*add this line to it: //p' "$ERR" >>q/.git/hooks/post-merge
ok 'the other is not made either' test ! -e q/.git/hooks/post-commit
ok 'with the line in it' "$MLEDGER" hook install --dir q
expect_stdout_has 'it counts as installed' "is called by  $PWD/q/.git/hooks/post-merge"
ok 'removing' "$MLEDGER" hook remove --dir q
expect_stdout_has 'removes ours' "removed  $PWD/q/.git/hooks/post-commit"
expect_stdout_has 'and leaves theirs' 'not ours, take the line out of it'
ok 'as it was' grep -q mine q/.git/hooks/post-merge
ok 'removing again' "$MLEDGER" hook remove --dir q
expect_stdout_has 'finds nothing' 'no hook of ours is there'

# ---- where hooks are ----

project "r o'r"
ok 'core.hooksPath' git -C "r o'r" config core.hooksPath .githooks
ok 'a name that needs quotes' "$MLEDGER" hook install --dir "r o'r"
ok 'in its place' test -x "r o'r/.githooks/post-commit"
ok 'works' commit "r o'r"
ok 'there' imported $(($("$MLEDGER" --json log | grep -c pipeline_recorded)))
git -C p worktree add -q "$PWD/linked" 2>/dev/null
ok 'a linked work tree' "$MLEDGER" hook install --dir linked
expect_stdout_has 'has the hooks of its repository' "is there      $PWD/p/.git/hooks/post-commit"
mkdir p/sub
ok 'a project further below' "$MLEDGER" hook install --dir p/sub
ok 'is called so' grep -q -- "--dir 'sub'" p/.git/hooks/post-commit
mkdir none
ok 'no repository' test_must_fail 3 "$MLEDGER" hook install --dir none
expect_stderr_has 'is named' "no Git repository around 'none'"
git init -q --bare bare
ok 'a bare one' test_must_fail 3 "$MLEDGER" hook install --dir bare
settled p
expect_sound 'the ledger verifies'
done_testing
