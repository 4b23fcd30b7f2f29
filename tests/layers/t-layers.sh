#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every #include obeys the map of docs/CONTRIBUTING.md:
#
#   cli -> serve -> ingest, export, verify -> ledger (api -> query -> store -> core) -> proto
#
# ingest, export and verify do not know each other; core knows neither store nor query. One header
# includes lmdb.h, one folder Graphviz, one module libcurl, one folder libmicrohttpd, one file GnuTLS.
#
#   t-layers.sh ROOT
set -eu
export LC_ALL=C
cd "${1:?the root of the sources}"
# shellcheck disable=SC2086 # a list
layers='ledger verify ingest export serve cli'

# Lines "header PATH" for each public header, then "include FILE INCLUDED" for each #include.
list() {
    find $layers -path '*/include/mledger/*.h' 2>/dev/null | sed 's/^/header /'
    grep -rE --include='*.[ch]' '^ *# *include *["<]' $layers 2>/dev/null |
        sed -n 's/^\([^:]*\): *# *include *["<]\([^">]*\)\([">]\).*/include \1 \2 \3/p'
}

list | awk '
BEGIN {
    below["ledger/core"] = "proto"
    below["ledger/store"] = "ledger/core proto"
    below["ledger/query"] = "ledger/store " below["ledger/store"]
    below["ledger/api"] = "ledger/query " below["ledger/query"]
    below["verify"] = below["ingest"] = below["export"] = "ledger/api " below["ledger/api"]
    below["serve"] = "verify ingest export " below["verify"]
    below["cli"] = "serve " below["serve"]
}
# The layer that a path from the root belongs to.
function layer_of(path, parts) {
    if (split(path, parts, "/") < 2) return ""
    if (parts[1] != "ledger") return parts[1]
    return parts[2] == "include" ? "ledger/public" : "ledger/" parts[2]
}
function fault(text) { print text; faults++ }
# System headers that one place may include.
function only(pattern, where) {
    if (included ~ pattern && index(file, where) != 1)
        fault(file " includes <" included ">, which is for " where " alone")
}
function check(from, to) {
    if (included in public) included = public[included]
    to = layer_of(included)
    if (to == "") fault(file " includes \"" included "\", which is no path from the root")
    else if (!(from in below)) fault(file ": its folder " from " is not on the map")
    # The public headers of ledger are for everybody.
    else if (to != from && to != "ledger/public" && !index(" " below[from] " ", " " to " "))
        fault(file " (" from ") must not include \"" included "\" (" to ")")
}
$1 == "header" { name = $2; sub(/.*\/include\//, "", name); public[name] = $2 }
$1 == "include" {
    file = $2; included = $3; count++
    only("^lmdb\\.h$", "ledger/store/kv_lmdb.h")
    only("^(graphviz/)?(gvc|cgraph|gvplugin)\\.h$", "export/")
    only("^curl/", "ingest/http")
    only("^microhttpd\\.h$", "serve/")
    only("^gnutls/", "serve/tls.c")
    from = layer_of(file)
    if ($4 == "\"") check(from == "ledger/public" ? "ledger/core" : from)
}
END {
    if (!count) fault("no #include was found")
    if (faults) exit 1
    print count " includes obey the map"
}'
