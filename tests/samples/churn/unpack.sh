#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: unpack.sh DEST [KEPT]
#
# Makes the sample project anew in DEST, which must not exist: a Git work tree of main with its
# history, and beside it the files that Git does not hold (data, model, mlruns). KEPT is where
# churn.bundle and untracked/ are, by default here. Needs only git.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dest=${1:?usage: unpack.sh DEST [KEPT]}
kept=${2:-$here}
[[ ! -e $dest ]] || {
    printf 'unpack.sh: %s exists\n' "$dest" >&2
    exit 1
}

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git clone --quiet --template= --branch main "$kept/churn.bundle" "$dest"
git -C "$dest" remote remove origin
cp -r "$kept/untracked/." "$dest"
