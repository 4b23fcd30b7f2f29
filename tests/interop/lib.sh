# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the interop tests share. A test is tests/interop/NAME/run, executable; it ends with 0 when
# it passed, 77 when it was skipped (with the reason on stdout), anything else when it failed.
# `./dev interop` has built mledger before and sets MLEDGER_BUILD to the build directory.
#
# usage in NAME/run:
#     set -euo pipefail
#     . "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
#     interop_begin NAME                     # sets $repo, $build, $work (empty, kept after)
#     need_venv REQUIREMENTS [CONSTRAINTS]   # sets $venv and puts its bin first on PATH
#     ok 'what is true' COMMAND...           # any number
#     interop_end

# interop_begin NAME
interop_begin() {
    repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
    build=${MLEDGER_BUILD:-$repo/build}
    work=$build/interop/$1
    interop_name=$1 interop_passed=0 interop_failed=0
    rm -rf "$work"
    mkdir -p "$work"
}

# Ends the test as skipped.
skip() {
    printf '%s: skipped: %s\n' "$interop_name" "$*"
    exit 77
}

# Ends the test as failed.
bail() {
    printf '%s: %s\n' "$interop_name" "$*"
    exit 1
}

# ok TITLE COMMAND...: passes when the command does; what it printed is shown when it does not.
ok() {
    local title=$1 log=$work/log
    shift
    if "$@" >"$log" 2>&1 </dev/null; then
        printf '  ok %s\n' "$title"
        interop_passed=$((interop_passed + 1))
    else
        printf '  not ok %s\n' "$title"
        tail -n 60 "$log" | sed 's/^/    /'
        interop_failed=$((interop_failed + 1))
    fi
}

interop_end() {
    ((interop_passed + interop_failed > 0)) || bail 'the test checked nothing'
    ((interop_failed == 0)) || exit 1
}

# need_package_index PYTHON: skips unless one small package can be had.
need_package_index() {
    timeout 60 "$1" -m pip download --quiet --no-deps --no-cache-dir --retries 0 --timeout 20 \
        --disable-pip-version-check --dest "$work/probe" six==1.17.0 >"$work/probe.log" 2>&1 ||
        skip 'the Python package index is not to be had'
}

# need_venv REQUIREMENTS [CONSTRAINTS]: an environment with just those packages, made once for each
# content of the files and kept in the build directory.
need_venv() {
    local key log=$work/venv.log
    key=$(cat "$@" | sha256sum | cut -c1-16)
    venv=$build/interop/venv/$key
    if [[ ! -e $venv/complete ]]; then
        rm -rf "$venv"
        python3 -m venv "$venv" >"$log" 2>&1 || skip "python3 -m venv does not work; see $log"
        need_package_index "$venv/bin/python"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$1" \
            ${2:+--constraint "$2"} >"$log" 2>&1 </dev/null || {
            tail -n 20 "$log"
            bail "cannot install $1"
        }
        touch "$venv/complete"
    fi
    PATH=$venv/bin:$PATH
}

# find_browser: sets $browser to a Chromium, or to nothing.
find_browser() {
    local name
    browser=''
    for name in chromium chromium-browser google-chrome-stable google-chrome; do
        if [[ -z $browser ]] && command -v "$name" >/dev/null; then
            browser=$name
        fi
    done
}
