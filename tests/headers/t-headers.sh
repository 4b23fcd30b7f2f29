#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Every public header compiles alone and twice, as C11 and as C++17, without a warning.
#
#   t-headers.sh ROOT CC
set -eu
root=${1:?the root of the sources} cc=${2:?the C compiler}
flags='-Wall -Wextra -pedantic -Werror -fsyntax-only'
for dir in "$root"/*/include; do
    flags="$flags -I$dir"
done
cxx=$(command -v "${CXX:-c++}") || { echo 'there is no C++ compiler'; cxx=; }
count=0
for header in "$root"/*/include/mledger/*.h; do
    name=mledger/$(basename "$header")
    twice=$(printf '#include "%s"\n#include "%s"\nextern int used;\n' "$name" "$name")
    # shellcheck disable=SC2086 # flags are a list
    echo "$twice" | "$cc" -x c -std=c11 $flags -
    # shellcheck disable=SC2086
    [ -z "$cxx" ] || echo "$twice" | "$cxx" -x c++ -std=c++17 $flags -
    count=$((count + 1))
done
[ $count -gt 0 ] || { echo 'no public header was found'; exit 1; }
echo "$count public headers compile alone"
[ -n "$cxx" ] || exit 77
