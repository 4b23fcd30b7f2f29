#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The harness itself: a test of tests is worth something only if it can fail.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

# run_inner TEXT: a test file of this text, run by itself.
run_inner() {
    printf '. "%s/lib.sh"\n%s\n' "$TESTS_CLI" "$1" >"$T/inner.sh"
    bash "$T/inner.sh"
}

ok 'a passing file' run_inner 'ok fine true; done_testing'
expect_stdout 'is TAP' <<'END'
ok 1 - fine
1..1
END
ok 'a failing command' test_must_fail 1 run_inner 'ok bad false; done_testing'
expect_stdout_has 'is said' 'not ok 1 - bad'
ok 'a difference' test_must_fail 1 run_inner \
    'ok say echo a; echo b | expect_stdout differs; done_testing'
expect_stdout_has 'is shown' '#   -b'
ok 'a missing text' test_must_fail 1 run_inner \
    'ok say echo a; expect_stdout_has text b; done_testing'
ok 'a file without tests' test_must_fail 1 run_inner 'done_testing'

ok 'an expected code' run_inner 'ok no test_must_fail 1 false; done_testing'
ok 'another code' test_must_fail 1 run_inner 'ok no test_must_fail 2 false; done_testing'
ok 'success instead of failure' test_must_fail 1 run_inner \
    'ok no test_must_fail 1 true; done_testing'
ok 'a crash' test_must_fail 1 run_inner \
    "ok crash test_must_fail 1 bash -c 'ulimit -c 0; kill -SEGV \$\$'; done_testing"
expect_stdout_has 'is never expected' 'crashed with 139'
ok 'a crash cannot even be asked for' test_must_fail 1 run_inner \
    "ok crash test_must_fail 139 bash -c 'ulimit -c 0; kill -SEGV \$\$'; done_testing"
ok 'a command that is not there' test_must_fail 1 run_inner \
    'ok none test_must_fail 127 ./none; done_testing'
ok 'everything skipped' test_must_fail 77 run_inner 'skip_all why'

# shellcheck disable=SC2016 # for the inner shell
ok 'home' run_inner 'ok home test "$HOME" = "$T/home"; echo "at $T"; done_testing'
left=$(sed -n 's/^at //p' "$OUT")
ok 'was told' test -n "$left"
ok 'is gone afterwards' test ! -e "$left"

done_testing
