# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The scenario ledger (tests/samples/scenario: three models in two years, the same to the byte
# wherever it is made), for tests of what the ledger can answer; sourced after lib.sh.

: "${SCENARIO:?SCENARIO must name the directory of the scenario ledger}"

# scenario_ledger [DIR]: a copy of it in DIR, by default .mledger. Its keys, without passphrases,
# are those of the people in it: --key dana (admin), ada, ben-2, erik, olga, carl, ci, log.
scenario_ledger() {
    mkdir -p "${1:-.mledger}" "$XDG_CONFIG_HOME/mledger/keys" &&
        cp "$SCENARIO/ledger/data.mdb" "${1:-.mledger}/" &&
        cp -p "$SCENARIO"/keys/*.key "$XDG_CONFIG_HOME/mledger/keys/" || exit 99
}
