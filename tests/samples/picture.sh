#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: picture.sh DEMO SVG
#
# Makes the picture of README.md from what the demo left in DEMO: the lineage of churn/3. What differs
# from ledger to ledger (identity, link, times) is left out, so that the same sources and the same
# Graphviz give the same bytes. MLEDGER_BUILD names the build directory.
set -euo pipefail

demo=${1:?usage: picture.sh DEMO SVG}
svg=${2:?usage: picture.sh DEMO SVG}

"${MLEDGER_BUILD:?MLEDGER_BUILD must name the build directory}/cli/mledger" \
    --ledger "$demo/churn/.mledger" lineage churn/3 --format svg |
    sed -E 's/(identity|link) [0-9a-f]+…/\1 …/g; s/, [0-9]{4}(-|&#45;)[0-9]{2}(-|&#45;)[0-9]{2}T[0-9:.]+Z//g' >"$svg.new"
grep -q '</svg>' "$svg.new"
mv "$svg.new" "$svg"
