#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The systemd unit: systemd understands all of it, it is closed in, and mledger takes its options.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
command -v systemd-analyze >/dev/null || skip_all 'no systemd-analyze here'
template=$TESTS_CLI/../../cli/systemd/mledger.service.in

sed "s|^ExecStart=@CMAKE_INSTALL_FULL_BINDIR@/mledger|ExecStart=$MLEDGER|" "$template" >mledger.service
ok 'no placeholder is left' test "$(grep -c '@[A-Z_]*@' mledger.service)" = 0
ok 'systemd takes the unit' systemd-analyze verify --man=no ./mledger.service
ok 'without a word' test ! -s "$ERR"
if systemd-analyze security --help | grep -q offline; then
    ok 'it is closed in' systemd-analyze security --offline=true --threshold=20 ./mledger.service
else
    skip 'it is closed in' 'this systemd-analyze judges no files'
fi

# What is to be started, with a ledger that is not there: anything but a usage error.
start() {
    local words
    # shellcheck disable=SC2016 # the variable is systemd's
    read -r -a words < <(sed -n 's/^ExecStart=//p' mledger.service | sed 's/ \$MLEDGER_SERVE//; s|/var/lib/mledger/ledger|none|')
    "${words[@]}"
}
ok 'mledger knows its options' test_must_fail 1 start
expect_stderr_has 'and misses the ledger alone' "'none'"
done_testing
