#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A checkpoint in a record that is no checkpoint: notes with blank lines, CR, 101 signatures, bits
# behind base64; sizes with leading zeros, 2^63, 2^64; another origin, root, size or key. The log
# key signs each as it stands, the recorder the record around it.
. "$(dirname "$0")/../lib.sh"
trust='set header.kind 1'

# noted NAME FINDING FILE [SIZE [ROOT]]: a record that notes the file as a checkpoint.
noted() {
    victim copy
    write_next copy "$RECORDER" '' "$trust" "set event.22.1 ${4-20}" "set event.22.2 ${5-root:20}" \
        "set event.22.3 file:$3"
    found "$1" copy "$2@$SIZE"
    no_way_back "$1: reindex does not take it" copy
}
# signed FILE: the text in FILE, signed by the log key, as FILE.note
signed() { forge "$VICTIM/ledger" "note $1 $LOG $ORIGIN" >"$1.note"; }
text() { printf '%s\n' "$@" >odd && signed odd; }

root=$(forge "$VICTIM/ledger" 'base64 root:20')
text "$ORIGIN" 20 "$root"
cp odd.note good
victim copy
write_next copy "$RECORDER" '' "$trust" 'set event.22.1 20' 'set event.22.2 root:20' 'set event.22.3 file:good'
ok 'a checkpoint made by the forge' at copy reindex
sound 'is in order' copy
text "$ORIGIN" 20 "$root" 'an extension'
victim copy
write_next copy "$RECORDER" '' "$trust" 'set event.22.1 20' 'set event.22.2 root:20' 'set event.22.3 file:odd.note'
ok 'one with a line of extension' at copy reindex
sound 'is in order too' copy

for size in 020 +20 -20 20.0 0x14 '20 ' ' 20' '' 9223372036854775808 18446744073709551616 \
    99999999999999999999999999; do
    text "$ORIGIN" "$size" "$root"
    noted "size '$size'" rule/checkpoint-note odd.note
done
text "$ORIGIN" 20 "$root" ''
noted 'a blank line before the signatures' rule/checkpoint-note odd.note
text '' "$ORIGIN" 20 "$root"
noted 'a blank line at the top' rule/checkpoint-note odd.note
printf '%s\r\n20\r\n%s\r\n' "$ORIGIN" "$root" >odd && signed odd
noted 'CR at the ends of lines' rule/checkpoint-note odd.note
printf '%s\n20\n%s\r\n' "$ORIGIN" "$root" >odd && signed odd
noted 'one CR' rule/checkpoint-note odd.note
printf '%s\n20\n%s' "$ORIGIN" "$root" >odd && signed odd
noted 'a text without its last line feed' rule/checkpoint-note odd.note
text "$ORIGIN" 20 "${root%=}"
noted 'a root without its padding' rule/checkpoint-note odd.note
last=${root: -2:1}
text "$ORIGIN" 20 "${root%??}$(echo "$last" | tr 'AEIMQUYcgkosw048' 'BFJNRVZdhlptx159')="
noted 'a root with bits behind it' rule/checkpoint-note odd.note
text "$ORIGIN" 20 "$(forge "$VICTIM/ledger" 'base64 zeros:31')"
noted 'a root of 31 bytes' rule/checkpoint-note odd.note
text "$ORIGIN" 20
noted 'no root' rule/checkpoint-note odd.note

{ cat good && for _ in $(seq 100); do tail -n 1 good; done; } >odd
noted '101 signatures' rule/checkpoint-note odd
{ cat good && echo; } >odd
noted 'a blank line behind the signatures' rule/checkpoint-note odd
{ cat good && printf 'more'; } >odd
noted 'something behind the signatures' rule/checkpoint-note odd
sed '$s/^— /- /' good >odd
noted 'a signature line with a hyphen' rule/checkpoint-note odd
sed '$s/$/ /' good >odd
noted 'a signature line with a blank behind it' rule/checkpoint-note odd
sed '$s/\(.\)=*$/!/' good >odd
noted 'a signature that is no base64' rule/checkpoint-note odd
head -n 4 good >odd
noted 'no signature at all' rule/checkpoint-note odd
: >odd
noted 'no note' rule/checkpoint-note odd

text example.org/other 20 "$root"
noted 'of another origin' rule/checkpoint-note odd.note
text "$ORIGIN" 19 "$(forge "$VICTIM/ledger" 'base64 root:19')"
noted 'of another size than the record says' rule/checkpoint-note odd.note
victim copy
write_next copy "$RECORDER" '' "$trust" 'set event.22.1 20' 'set event.22.2 root:19' 'set event.22.3 file:good'
found 'with another root than the record says' copy "rule/checkpoint-note@$SIZE" "checkpoint-root@$SIZE"
text "$ORIGIN" 20 "$(forge "$VICTIM/ledger" 'base64 root:19')"
noted 'with a root that is not the tree'\''s' checkpoint-root odd.note 20 root:19
text "$ORIGIN" 40 "$root"
noted 'over more records than there are' rule/size odd.note 40
printf '%s\n20\n%s\n' "$ORIGIN" "$root" >odd
forge "$VICTIM/ledger" "note odd $ADMIN $ORIGIN" >odd.note
noted 'signed by an admin' rule/checkpoint-key odd.note
at copy key new eve --no-passphrase >/dev/null || exit 99
forge "$VICTIM/ledger" "note odd $KEYS/eve.key $ORIGIN" >odd.note
noted 'signed by somebody' rule/checkpoint-key odd.note
forge "$VICTIM/ledger" "note odd plus-l:$LOG $ORIGIN" >odd.note
noted 'signed by the log key, S not below the order' rule/checkpoint-key odd.note
sed '2s/20/19/' good >odd
noted 'whose signature is of another text' rule/checkpoint-note odd
done_testing
