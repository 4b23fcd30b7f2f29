#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The library, installed into a place of its own, moved, and used from there by a small program: built
# with pkg-config, shared and static, and with CMake's find_package.
#
#   t-install.sh BUILD CMAKE CC
set -eu
build=${1:?the build directory} cmake=${2:?cmake} cc=${3:?the C compiler}
here=$(cd "$(dirname "$0")" && pwd)
command -v pkg-config >/dev/null || { echo 'there is no pkg-config'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset DESTDIR

"$cmake" --install "$build" --prefix "$work/first" --component library >"$work/log" ||
    { cat "$work/log"; exit 1; }
mv "$work/first" "$work/moved"
PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name mledger.pc)")
export PKG_CONFIG_PATH
libdir=$(dirname "$PKG_CONFIG_PATH")

# runs PROGRAM: it makes a ledger, and gives back what it should.
runs() {
    rm -rf "$work/ledger"
    LD_LIBRARY_PATH=$libdir "$1" "$work/ledger" >"$work/answer" || { echo "$1 failed"; exit 1; }
    grep -qx 'run:r1 registered_from version:churn/1 #3' "$work/answer" &&
        grep -qx '4 records, 0 faults' "$work/answer" || { cat "$work/answer"; exit 1; }
}

flags='-std=c11 -Wall -Wextra -pedantic -Werror'
# shellcheck disable=SC2046,SC2086 # lists of flags
"$cc" $flags -o "$work/shared" "$here/consumer/main.c" $(pkg-config --cflags --libs mledger)
runs "$work/shared"

mkdir "$work/archive"
cp "$libdir/libmledger.a" "$work/archive"
# shellcheck disable=SC2046,SC2086
"$cc" $flags -o "$work/static" "$here/consumer/main.c" -L"$work/archive" \
    $(pkg-config --cflags mledger) -l:libmledger.a \
    $(pkg-config --static --libs mledger | sed 's/-lmledger//')
runs "$work/static"

"$cmake" -S "$here/consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/moved" \
    -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
runs "$work/build/consumer"
runs "$work/build/consumer_static"
echo 'installed, moved, and used in four ways'
