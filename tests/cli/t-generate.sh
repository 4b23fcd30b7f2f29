#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is made from the command tables: man pages and completion.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"

ok 'man pages' "$MLEDGER" --generate man man
ok 'one of the program' test -s man/mledger.1
ok 'one of a command' test -s man/mledger-reindex.1
ok 'none of hidden commands' test ! -e man/mledger---generate.1
ok 'man pages again' "$MLEDGER" --generate man again
ok 'are the same' diff -r man again

if command -v mandoc >/dev/null; then
    ok 'mandoc finds no fault' mandoc -T lint -W warning man/*.1
else
    skip 'mandoc finds no fault' 'no mandoc'
fi
if command -v groff >/dev/null; then
    ok 'groff reads them' groff -mdoc -Tascii -ww -z man/*.1
    expect_stderr 'and finds no fault' </dev/null
else
    skip 'groff reads them' 'no groff'
fi

ok 'no directory' test_must_fail 2 "$MLEDGER" --generate man
ok 'a directory that cannot be' test_must_fail 3 "$MLEDGER" --generate man no/such/dir
expect_stderr_has 'is named' "cannot make the directory 'no/such/dir'"

ok 'completion' "$MLEDGER" --generate completion
cp "$OUT" completion.bash
ok 'is a shell script' bash -n completion.bash
if command -v shellcheck >/dev/null; then
    ok 'shellcheck finds no fault' shellcheck completion.bash
else
    skip 'shellcheck finds no fault' 'no shellcheck'
fi

# complete_line WORD...: what the last word completes to.
complete_line() {
    # shellcheck source=/dev/null
    . ./completion.bash
    COMP_WORDS=(mledger "$@") COMP_CWORD=$#
    _mledger
    printf '%s\n' "${COMPREPLY[@]}"
}
mkdir -p ledgers/one

ok 'a command' complete_line rein
expect_stdout 'completes' <<'END'
reindex
END
ok 'an option' complete_line reindex --js
expect_stdout 'completes' <<'END'
--json
END
ok 'a choice' complete_line --color al
expect_stdout 'completes' <<'END'
always
END
ok 'a choice after =' complete_line reindex --color = n
expect_stdout 'completes' <<'END'
never
END
ok 'a directory' complete_line --ledger led
expect_stdout 'completes' <<'END'
ledgers
END
ok 'a command after an option' complete_line --ledger ledgers rein
expect_stdout 'completes' <<'END'
reindex
END
ok 'an argument' complete_line help rein
expect_stdout 'completes' <<'END'
reindex
END

done_testing
