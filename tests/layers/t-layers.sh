#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every #include obeys the map of docs/CONTRIBUTING.md:
#
#   cli -> serve -> ingest, export, verify -> ledger (api -> query -> store -> core) -> proto
#
# ingest, export and verify do not know each other; core knows neither store nor query. One header
# includes lmdb.h, one folder Graphviz.
#
#   t-layers.sh ROOT
set -eu
export LC_ALL=C
cd "${1:?the root of the sources}"

# LAYER: what it may include, itself not named.
below() {
    case $1 in
    ledger/core) echo 'proto' ;;
    ledger/store) echo 'ledger/core proto' ;;
    ledger/query) echo 'ledger/store ledger/core proto' ;;
    ledger/api) echo 'ledger/query ledger/store ledger/core proto' ;;
    verify | ingest | export) echo 'ledger/api ledger/query ledger/store ledger/core proto' ;;
    serve) echo 'verify ingest export ledger/api ledger/query ledger/store ledger/core proto' ;;
    cli) echo 'serve verify ingest export ledger/api ledger/query ledger/store ledger/core proto' ;;
    *) return 1 ;;
    esac
}

# The layer that a file belongs to.
layer_of() {
    case $1 in
    ledger/include/*) echo ledger/core ;;
    ledger/*/*) echo "$1" | cut -d/ -f1-2 ;;
    */*) echo "$1" | cut -d/ -f1 ;;
    esac
}

# What an include leads to, as a path from the root. A public header is anybody's who may
# include the layer that it belongs to; those of ledger are everybody's.
resolve() {
    case $1 in
    mledger/*)
        for dir in ledger verify ingest export serve; do
            [ -f "$dir/include/$1" ] && echo "$dir/include/$1" && return
        done
        echo "nowhere/$1"
        ;;
    *) echo "$1" ;;
    esac
}

check() { # FILE INCLUDED
    from=$(layer_of "$1")
    to=$(layer_of "$(resolve "$2")")
    case $to in
    '') echo "$1 includes \"$2\", which is no path from the root" ; return ;;
    ledger/core) case $2 in mledger/*) return ;; esac ;;
    esac
    [ "$from" = "$to" ] && return
    allowed=$(below "$from") || { echo "$1: its folder '$from' is not on the map"; return; }
    for layer in $allowed; do
        [ "$layer" = "$to" ] && return
    done
    echo "$1 ($from) must not include \"$2\" ($to)"
}

includes=$(grep -rnoE --include='*.[ch]' '^ *# *include *"[^"]+"' \
    ledger verify ingest export serve cli 2>/dev/null | sed 's/^\([^:]*\):[0-9]*:.*"\([^"]*\)"/\1 \2/')
[ -n "$includes" ] || { echo 'no #include was found'; exit 1; }
faults=$(echo "$includes" | while read -r file included; do check "$file" "$included"; done)

# only PATTERN WHERE: system headers that one place may include.
only() {
    grep -rlE --include='*.[ch]' "^ *# *include *[<\"]$1[>\"]" \
        ledger verify ingest export serve cli 2>/dev/null | grep -v "^$2" |
        while read -r file; do echo "$file includes what is for $2 alone: $1"; done
}
faults=$(
    [ -z "$faults" ] || echo "$faults"
    only 'lmdb\.h' ledger/store/kv_lmdb.h
    only '(graphviz/)?(gvc|cgraph|gvplugin)\.h' export/
)

[ -z "$faults" ] || { echo "$faults"; exit 1; }
echo "$(echo "$includes" | wc -l) includes obey the map"
