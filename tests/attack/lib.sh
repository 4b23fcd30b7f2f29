# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the attacks share; sourced by each tests/attack/KIND/t-NAME.sh.
#
# An attack works on a copy of the ledger that victim.sh made. The adversary owns the disk and,
# where the attack says so, keys: those of the ledger lie unsealed in $KEYS. `forge` is its tool
# (forge/forge.c). verify is run by a stranger who has never seen the ledger, unless the attack
# says that somebody has. Every finding is asserted with its code and its record:
#
#     victim copy
#     forge copy <<'END'
#     load 8
#     set event.70.2 text:another    # its name
#     save
#     END
#     found 'a name that was edited' copy commitment@8
#
# and verify must leave every byte of the ledger as it was.

: "${VICTIM:?VICTIM must name what attack/victim made}" "${FORGE:?FORGE must name the forge}"
shopt -s extglob dotglob
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
[ -s "$VICTIM/seqs" ] || skip_all 'attack/victim has not been made'
# shellcheck source=/dev/null
. "$VICTIM/seqs"
cp -r "$VICTIM/home/." "$HOME"
KEYS=$XDG_CONFIG_HOME/mledger/keys
ADMIN=$KEYS/demo-admin.key RECORDER=$KEYS/demo-recorder.key LOG=$KEYS/demo-log.key
# shellcheck disable=SC2034 # used by the attacks
BOBS=$KEYS/bob.key CIS=$KEYS/ci.key
SIZE=$((LAST + 1))
ORIGIN=$("$FORGE" "$VICTIM/ledger" 'load 0' 'print-text event.10.3') || exit 99
KNOWS= # what was seen of the ledger: a state directory; empty: nothing

# victim DIR: a copy of the ledger, to do with as one likes.
victim() { rm -rf "$1" "$T/adversary" && cp -r "$VICTIM/ledger" "$1" || exit 99; }

# forge DIR [LINE...]: carries out a script, from standard input if there are no lines. One that
# cannot be carried out shows nothing, so it ends the test.
forge() {
    "$FORGE" "$@" || {
        echo "Bail out! the forge failed"
        exit 99
    }
}

# at DIR COMMAND...: mledger, by somebody who has not seen more of the ledger than its victim() was,
# or who knows what $KNOWS says.
at() {
    local dir=$1
    shift
    XDG_STATE_HOME=${KNOWS:-$T/adversary} "$MLEDGER" --ledger "$dir" "$@"
}

# All of it but LMDB's table of readers.
fingerprint() { sha256sum "$1"/!(lock.mdb); }

# examine DIR [OPTION...]: verifies it; faults and doubts are in FOUND, what is not proven in
# UNPROVEN. Fails if verify crashed, could not tell, or wrote anything.
FOUND=() UNPROVEN=()
examine() {
    local dir=$1 before
    shift
    FOUND=() UNPROVEN=()
    before=$(fingerprint "$dir")
    [ ! -e "$T/stranger" ] || rm -r "$T/stranger"
    XDG_STATE_HOME=${KNOWS:-$T/stranger} \
        "$MLEDGER" --ledger "$dir" --json verify "$@" >"$OUT" 2>"$ERR" </dev/null
    STATUS=$?
    if [ "$(fingerprint "$dir")" != "$before" ]; then
        echo "#   verify wrote to $dir"
        return 1
    fi
    take_findings
}

# What the last command answered, taken apart.
take_findings() {
    local finding
    if [ "$STATUS" -gt 1 ] || ! "$FORGE" findings <"$OUT" >"$T/io/findings" 2>>"$ERR"; then
        echo "#   verify did not answer: exit code $STATUS"
        diagnose 'err: ' <"$ERR"
        return 1
    fi
    while read -r finding; do
        case $finding in
        '~'*) UNPROVEN+=("${finding#\~}") ;;
        *) FOUND+=("$finding") ;;
        esac
    done <"$T/io/findings"
}

# examine_file FILE [OPTION...]: the same of a file, by mledger-verify, which has no ledger.
examine_file() {
    local file=$1 finding
    shift
    FOUND=() UNPROVEN=()
    "$MLEDGER_VERIFY" --json "$@" "$file" >"$OUT" 2>"$ERR" </dev/null
    STATUS=$?
    take_findings
}

examine_any() { if [ -d "$1" ]; then examine "$1"; else examine_file "$1"; fi; }

# tell NAME RESULT WHAT: the result of a test, and if it is bad, what was expected and found.
tell() {
    report "$2" "$1"
    [ "$2" = 0 ] && return
    echo "#   expected: $3"
    echo "#   found, exit code $STATUS: ${FOUND[*]-}"
    cut -c1-2000 "$OUT" | diagnose 'said: '
}

is_derived() { [[ $1 =~ ^(state|index|tree)(@|$) ]]; }

# found NAME LEDGER FINDING...: verify answers no, and these are all the faults and doubts that it has,
# each CODE[/RULE][@SEQ]. Derived data does not fit where records were altered and nobody can make
# it fit; what is found of it counts only if one of these is of derived data too. A file, an
# export or a bundle, is verified by mledger-verify.
found() {
    local name=$1 what=$2 derived=no result=0 finding
    shift 2
    examine_any "$what" || result=1
    for finding; do ! is_derived "$finding" || derived=yes; done
    local -A due=()
    for finding; do due[$finding]=$((${due[$finding]-0} + 1)); done
    for finding in "${FOUND[@]}"; do
        [ "$derived" = no ] && is_derived "$finding" && continue
        due[$finding]=$((${due[$finding]-0} - 1))
    done
    for finding in "${due[@]}"; do [ "$finding" = 0 ] || result=1; done
    [ "$STATUS" = 1 ] || result=1
    tell "$name" "$result" "$*"
}

# sound NAME DIR: verify finds nothing.
sound() {
    local result=0
    examine "$2" || result=1
    [ "$STATUS" = 0 ] && [ ${#FOUND[@]} = 0 ] || result=1
    tell "$1" "$result" nothing
}

# has FINDING: it is among those of the last examination.
has() {
    local finding
    for finding in "${FOUND[@]}"; do [ "$finding" != "$1" ] || return 0; done
    return 1
}

# names NAME DIR FINDING: verify answers no with this finding, and no record before it is at fault;
# what follows from it in later records is not looked at.
names() {
    local result=0 finding
    examine_any "$2" || result=1
    [ "$STATUS" = 1 ] && has "$3" || result=1
    for finding in "${FOUND[@]}"; do
        [[ $finding != *@* ]] || is_derived "$finding" || [ "${finding##*@}" -ge "${3##*@}" ] ||
            result=1
    done
    tell "$1" "$result" "$3, and nothing before"
}

# unproven NAME CODE: the last examination says that it did not prove this.
unproven() {
    local finding result=1
    for finding in "${UNPROVEN[@]}"; do [ "$finding" != "$2" ] || result=0; done
    tell "$1" "$result" "not proven: $2"
}

# write_next DIR KEY "SUBJECT..." LINE...: one more record at the end, signed by whoever holds KEY,
# with the tags of these subjects and everything that is hashed in order. The lines make its
# event, from nothing; statements are made after it.
write_next() {
    local dir=$1 key=$2 subjects=$3 seq
    seq=$(forge "$dir" 'count records')
    shift 3
    forge "$dir" "load $((seq - 1))" 'drop details' 'drop statements' 'drop details_hash' \
        'whole event hex:' "set header.seq $seq" 'set header.kind 2' \
        "set salts.2 zeros:32" "$@" chain "tags $subjects" seal "sign $key" save
}

# checkpoint_text DIR SIZE: the text of the checkpoint over so many records.
checkpoint_text() {
    printf '%s\n%s\n%s\n' "$ORIGIN" "$2" "$(forge "$1" "base64 root:$2")"
}

# forbidden NAME RULE SUBJECTS LINE...: the recorder writes a record that it must not write, around
# mledger; verify says which rule, and nothing makes the rest of the ledger fit to it.
forbidden() {
    local name=$1 rule=$2
    shift 2
    victim copy
    write_next copy "$RECORDER" "$@"
    found "$name" copy "rule/$rule@$SIZE"
    no_way_back "$name: reindex does not take it" copy
}

# no_way_back NAME DIR: what is derived cannot be made to fit by the ledger's own command.
no_way_back() { ok "$1" test_must_fail 1 at "$2" reindex; }
