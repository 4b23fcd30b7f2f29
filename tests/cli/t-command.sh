#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What holds for every command: help, usage errors, exit codes, broken outputs.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

ok '--version' "$MLEDGER" --version
expect_stdout_has 'names the program' 'mledger '
ok '--version as JSON' "$MLEDGER" --json --version
expect_stdout_has 'is an object in one line' '{"version":"'
ok 'the same, the options after a command' "$MLEDGER" reindex --version --json
expect_stdout_has 'is an object too' '{"version":"'

ok 'help' "$MLEDGER" help
expect_stdout_has 'lists commands' '  reindex '
expect_stdout_has 'lists global options' '--ledger DIR'
ok 'help of a command' "$MLEDGER" help reindex
expect_stdout_has 'says how it is used' 'usage: mledger reindex'
ok '--help of a command' "$MLEDGER" reindex --help
expect_stdout_has 'says the same' 'usage: mledger reindex'
ok 'help of what is no command' test_must_fail 2 "$MLEDGER" help reindxe
expect_stderr_has 'guesses' "did you mean 'reindex'?"

ok 'no command' test_must_fail 2 "$MLEDGER"
expect_stderr 'says so' <<'END'
mledger: no command is given
  try: mledger --help
END
ok 'an unknown option' test_must_fail 2 "$MLEDGER" reindex --jsno
expect_stderr 'is named, with its neighbour' <<'END'
mledger: unknown option '--jsno' of 'reindex'; did you mean '--json'?
  try: mledger reindex --help
END
ok 'an unknown command as JSON' test_must_fail 2 "$MLEDGER" --json bogus
expect_stderr 'is one JSON object' <<'END'
{"error":{"code":"usage","exit":2,"text":"unknown command 'bogus'","hint":"mledger --help"}}
END
ok 'one argument too many' test_must_fail 2 "$MLEDGER" reindex 1
expect_stderr_has 'is named' "'reindex' takes no argument, but '1' was given"
ok 'a choice that is none' test_must_fail 2 "$MLEDGER" --color=allways reindex
expect_stderr_has 'is named with the choices' \
    "option '--color' must be auto, always or never, not 'allways'; did you mean 'always'?"

ok 'control characters from the command line' test_must_fail 2 "$MLEDGER" $'\e[31mred\nline'
expect_stderr 'are shown, not sent' <<'END'
mledger: unknown command '\x1b[31mred\nline'
  try: mledger --help
END
ok 'bytes that are no text, as JSON' test_must_fail 2 "$MLEDGER" --json $'\xff\u202e'
expect_stderr_has 'are shown too' "unknown command '\\\\xff\\\\u202e'"

full() { "$MLEDGER" help >/dev/full; }
if [ -c /dev/full ]; then
    ok 'a full disk' test_must_fail 3 full
    expect_stderr 'is an error' <<'END'
mledger: cannot write the answer: No space left on device
END
else
    skip 'a full disk' 'no /dev/full'
fi

closed() { "$MLEDGER" --version >&-; }
ok 'a closed standard output' test_must_fail 3 closed
expect_stderr_has 'is an error' 'cannot write the answer'
closed_all() { "$MLEDGER" --version <&- >&- 2>&-; }
ok 'everything closed' test_must_fail 3 closed_all

# The reader is gone before the answer is written: only our end of the pipe stays open.
# shellcheck disable=SC2094
gone() {
    mkfifo pipe
    exec 8<>pipe 9>pipe 8<&-
    "$MLEDGER" help >&9
    local code=$?
    exec 9>&-
    return "$code"
}
ok 'a reader that went away' test_must_fail 3 gone
expect_stderr 'is no reason to complain' </dev/null

ok 'colour when asked' "$MLEDGER" help --color=always
expect_stdout_has 'is there' $'\e[1m'
ok 'no colour in a file' "$MLEDGER" help
ok 'nothing but text is there' test_must_fail 1 grep -q $'\e' "$OUT"

done_testing
