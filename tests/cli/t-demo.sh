#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tour that ./dev demo gives: it works, is short, and notices when something does not.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || skip_all 'no git'
demo=$TESTS_CLI/../samples/demo.sh

# fake_build DIR: a build directory whose mledger is the one under test, after `script` had its say.
fake_build() {
    mkdir -p "$1/cli"
    printf '#!/bin/bash\n%s\nexec "%s" "$@"\n' "$2" "$MLEDGER" >"$1/cli/mledger"
    chmod +x "$1/cli/mledger"
}
run_demo() { MLEDGER_BUILD=$1 bash "$demo" "${@:2}"; }

fake_build build ''
ok 'the demo' run_demo build
cp "$OUT" said
ok 'says it in fewer than 30 lines' test "$(wc -l <said)" -lt 30
ok 'writes nothing to stderr' test ! -s "$ERR"
for text in 'disagreements between dvc.lock, work tree and commit' \
    'refused: stage '\''Production'\'' needs 1 approval' \
    'moved from Staging to Production' 'perhaps stage train' \
    'read file data/raw/customers.csv' 'verified: ledger churn' 'NOT verified'; do
    ok "says: $text" grep -qF "$text" said
done
ok 'names the record of the changed byte' grep -qE '^ +fault +#[0-9]+ ' said
ok 'leaves the picture' grep -q '</svg>' build/demo/churn-3.svg
ok 'can be given again' run_demo build
ok 'wrote nothing outside' test -z "$(ls -A "$HOME")"

mkdir mine && touch mine/thesis
ok 'takes no directory of somebody else' test_must_fail 2 run_demo build mine
ok 'which stays' test -e mine/thesis

# shellcheck disable=SC2016 # for the script
fake_build blind 'case "$*" in "--ledger ../copy verify") echo verified; exit 0 ;; esac'
ok 'notices a verify that sees nothing' test_must_fail 1 run_demo blind
# shellcheck disable=SC2016
fake_build lenient 'case "$*" in "version transition churn/3 Production") exit 0 ;; esac'
ok 'notices a policy that does not hold' test_must_fail 1 run_demo lenient
expect_stderr_has 'and names the step' 'status 0 instead of 4'

done_testing
