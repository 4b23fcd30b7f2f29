#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# libmledger shows exactly the functions that its public headers mark MLEDGER_API.
#
#   t-symbols.sh ROOT LIBRARY
set -eu
export LC_ALL=C
root=${1:?the root of the sources} library=${2:?the shared library}
command -v nm >/dev/null || { echo 'there is no nm'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" | awk '{ print $3 }' | sort >"$work/shown"
cat "$root"/ledger/include/mledger/*.h "$root"/verify/include/mledger/*.h |
    sed 's,/\*.*\*/,,' | tr -s '[:space:]' ' ' | grep -oE 'MLEDGER_API [^;(]*\(' |
    grep -oE 'mledger_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$work/declared"

hidden=$(comm -13 "$work/shown" "$work/declared")
more=$(comm -23 "$work/shown" "$work/declared")
[ -s "$work/declared" ] || { echo 'no declaration was found'; exit 1; }
[ -z "$hidden" ] || echo "declared and not in the library: $hidden"
[ -z "$more" ] || echo "shown by the library and declared nowhere: $more"
[ -z "$hidden$more" ] || exit 1
echo "$(wc -l <"$work/shown") symbols, all declared"
