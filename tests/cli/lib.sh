# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A small TAP harness for tests of the command, sourced by each tests/cli/t-NAME.sh:
#
#     . "$(dirname "$0")/lib.sh"
#     ok 'prints its version' "$MLEDGER" --version
#     expect_stdout 'the version line' <<'END'
#     mledger 0.1.0
#     END
#     ok 'refuses an unknown command' test_must_fail 2 "$MLEDGER" no-such
#     expect_stderr_has 'names it' "unknown command 'no-such'"
#     done_testing
#
# Each test file runs in a directory of its own ($T, the current directory, removed at the end)
# with a HOME and XDG directories below it, so that nothing of the user's is read or written.
# MLEDGER names the program under test. What the last command wrote is in $OUT and $ERR, its exit
# code in $STATUS.

set -u
: "${MLEDGER:?MLEDGER must name the program under test}"
TESTS_CLI=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case $MLEDGER in
/*) ;;
*) MLEDGER=$PWD/$MLEDGER ;;
esac

T=$(mktemp -d "${TMPDIR:-/tmp}/mledger-test.XXXXXX") || exit 99
trap 'cd / && chmod -R u+rwX "$T" && rm -rf "$T"' EXIT
trap 'exit 99' INT TERM HUP
mkdir "$T/io" "$T/home" "$T/work"
OUT=$T/io/out ERR=$T/io/err STATUS=0
export HOME=$T/home
export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
export XDG_DATA_HOME=$HOME/.local/share XDG_CACHE_HOME=$HOME/.cache
export LC_ALL=C.UTF-8 TZ=UTC TERM=dumb MLEDGER TESTS_CLI
unset MLEDGER_DIR NO_COLOR COLUMNS

# A sanitizer ends the program with code 1 unless told otherwise, which would look like an
# answer of no.
SANITIZER_CODE=125
export ASAN_OPTIONS="exitcode=$SANITIZER_CODE:${ASAN_OPTIONS:-}"
export LSAN_OPTIONS="exitcode=$SANITIZER_CODE:${LSAN_OPTIONS:-}"
export UBSAN_OPTIONS="halt_on_error=1:exitcode=$SANITIZER_CODE:${UBSAN_OPTIONS:-}"
export TSAN_OPTIONS="exitcode=$SANITIZER_CODE:${TSAN_OPTIONS:-}"
cd "$T/work" || exit 99

# One line for each test: kept in a file, because a test at the end of a pipeline runs in a
# subshell and would count in variables that nobody sees.
RESULTS=$T/io/results
: >"$RESULTS"

# report RESULT NAME [REMARK]: one TAP line.
report() {
    local verdict=ok
    [ "$1" -eq 0 ] || verdict='not ok'
    echo "$verdict" >>"$RESULTS"
    echo "$verdict $(wc -l <"$RESULTS") - $2${3:+ # $3}"
}

# Lines on stdin as TAP diagnostics.
diagnose() { sed "s/^/#   ${1:-}/"; }

# ok NAME COMMAND...: the command exits 0.
ok() {
    local name=$1
    shift
    # Beside the last command's, which this one may read.
    "$@" >"$OUT.new" 2>"$ERR.new" </dev/null
    STATUS=$?
    mv "$OUT.new" "$OUT"
    mv "$ERR.new" "$ERR"
    report "$STATUS" "$name"
    if [ "$STATUS" -ne 0 ]; then
        echo "#   exit code $STATUS: $*"
        diagnose 'out: ' <"$OUT"
        diagnose 'err: ' <"$ERR"
    fi
}

# test_must_fail CODE COMMAND...: the command exits with exactly this code. A crash (a signal, a
# sanitizer's report, a command that cannot be run) is never an expected failure.
test_must_fail() {
    local want=$1 got
    shift
    if [ "$want" -lt 1 ] || [ "$want" -ge "$SANITIZER_CODE" ]; then
        echo "test_must_fail: $want is no exit code to expect" >&2
        return 99
    fi
    "$@"
    got=$?
    if [ "$got" -ge "$SANITIZER_CODE" ]; then
        echo "test_must_fail: crashed with $got: $*" >&2
        return "$got"
    fi
    if [ "$got" -ne "$want" ]; then
        echo "test_must_fail: exit code $got instead of $want: $*" >&2
        return 1
    fi
}

# expect_stdout NAME <<END: the last command wrote exactly this. expect_stderr likewise.
expect_stdout() { expect_same "$OUT" "$1"; }
expect_stderr() { expect_same "$ERR" "$1"; }
expect_same() {
    local result
    diff -u - "$1" >"$T/io/diff"
    result=$?
    report "$result" "$2"
    [ "$result" -eq 0 ] || diagnose <"$T/io/diff"
}

# expect_stdout_has NAME TEXT: the last command wrote this text somewhere in a line.
expect_stdout_has() { expect_text "$OUT" "$1" "$2" -F; }
expect_stderr_has() { expect_text "$ERR" "$1" "$2" -F; }
# expect_stdout_like NAME PATTERN: the same by an extended regular expression.
expect_stdout_like() { expect_text "$OUT" "$1" "$2" -E; }
expect_text() {
    local result
    grep -q "$4" -- "$3" "$1"
    result=$?
    report "$result" "$2"
    if [ "$result" -ne 0 ]; then
        echo "#   not there: $3"
        diagnose 'in: ' <"$1"
    fi
}

# expect_json NAME [OPTION...] FILTER: jq finds it true of what the last command wrote.
expect_json() {
    local name=$1 result=1
    shift
    [ -s "$OUT" ] && jq -e "$@" "$OUT" >"$T/io/jq" 2>&1
    result=$?
    report "$result" "$name"
    if [ "$result" -ne 0 ]; then
        echo "#   not so: $*"
        diagnose 'jq: ' <"$T/io/jq"
        diagnose 'in: ' <"$OUT"
    fi
}

# skip NAME REASON: a test that cannot be made here.
skip() { report 0 "$1" "SKIP $2"; }

# skip_all REASON: nothing in this file can be tested here.
skip_all() {
    echo "1..0 # SKIP $1"
    exit 77
}

# The last line of every test file.
done_testing() {
    echo "1..$(wc -l <"$RESULTS")"
    [ -s "$RESULTS" ] && ! grep -q '^not ok' "$RESULTS"
    exit
}
