#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tour that ./dev demo serve gives: it works, and notices when something does not.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip_all 'no curl here'
demo=$TESTS_CLI/../samples/demo_serve.sh

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
ok 'writes nothing to stderr' test ! -s "$ERR"
for text in 'listening on http://127.0.0.1:' 'checkpoint over 29 records' 'churn/1  Production' \
    'verified: ledger churn, 30 records' 'Archived to Production'; do
    ok "says: $text" grep -qF "$text" said
done
ok 'gives a receipt for each of 23 calls' test "$(grep -c '  #[0-9]*  *[0-9a-f]\{12\}…$' said)" = 23
ok 'leaves the picture' grep -q '</svg>' build/demo-serve/churn.svg
ok 'and an access log' test "$(grep -c '"status":200' build/demo-serve/access.log)" = 23
ok 'wrote nothing outside' test -z "$(ls -A "$HOME")"
mkdir mine && touch mine/thesis
ok 'takes no directory of somebody else' test_must_fail 2 run_demo build mine
ok 'which stays' test -e mine/thesis
# shellcheck disable=SC2016 # for the script
fake_build deaf 'case "$1" in serve) echo nothing; exit 3 ;; esac'
ok 'notices a server that does not start' test_must_fail 1 run_demo deaf
done_testing
