# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of recording commands share; sourced after lib.sh.

# new_ledger: a ledger in .mledger with alice, its admin, and her recorder key.
new_ledger() {
    "$MLEDGER" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
}

# add_approver ID: a person with an unsealed approver's key called ID.
add_approver() {
    "$MLEDGER" actor add "$1" --kind person --roles approver --key demo-admin >/dev/null &&
        "$MLEDGER" key new "$1" --no-passphrase >/dev/null &&
        "$MLEDGER" key authorize "$1" "$1" --roles approver --key demo-admin >/dev/null || exit 99
}

# expect_sound NAME: the whole ledger verifies.
expect_sound() { ok "$1" "$MLEDGER" verify; }
