#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An old copy of the whole file is put back.
. "$(dirname "$0")/../lib.sh"

victim copy
KNOWS=$XDG_STATE_HOME
seq 40 | sed 's/.*/{"model_created": {"name": "m&"}}/' | at copy append --key demo-recorder - >/dev/null || exit 99
sound 'the ledger as it went on' copy
cp "$VICTIM/ledger/data.mdb" copy/data.mdb
found 'the file as it was' copy "known-head-behind@$SIZE"
expect_stdout_has 'how much is lost is said' "$((SIZE + 40))"
rm copy/lock.mdb
found 'without its lock file' copy "known-head-behind@$SIZE"
ok 'nothing is written to it' test_must_fail 1 at copy model create after --key demo-recorder
KNOWS=
sound 'a stranger' copy
unproven 'is told' anchor
done_testing
