#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# There is no room: an append fails and leaves the ledger as it was; verify needs no room, and does
# not take a full output for an answer. (EIO, ENOSPC and kill -9 at each system call: tests/crash.)
. "$(dirname "$0")/../lib.sh"

victim copy
blocks=$(($(stat -c %s copy/data.mdb) / 1024))
seq 3000 | sed 's/.*/{"model_created": {"name": "m&"}}/' >many
ok 'an append that does not fit' test_must_fail 3 bash -c \
    'trap "" XFSZ; ulimit -f "$1"; XDG_STATE_HOME=$2 "$MLEDGER" --ledger copy append many --key demo-recorder' \
    sh $((blocks + 8)) "$T/adversary"
sound 'leaves the ledger in order' copy
ok 'with the records that there were' test "$(forge copy 'count records')" = "$SIZE"

# A fault is a fault where not a byte can be written to any file.
forge copy "load $LAST" 'alter details.3' save
ok 'verify needs no room' bash -c 'trap "" XFSZ
    answer=$(ulimit -f 0; XDG_STATE_HOME=$1 "$MLEDGER" --ledger copy --json verify)
    [ $? = 1 ] && [[ $answer == *"\"code\":\"commitment\""* ]]' sh "$T/stranger"
ok 'an answer that cannot be written is none' test_must_fail 3 bash -c \
    'XDG_STATE_HOME=$1 "$MLEDGER" --ledger copy verify >/dev/full' sh "$T/stranger"
done_testing
