#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A record of another ledger of the same people is put into this one: as it is, as if it had been
# made here, and with the statements that were made there.
. "$(dirname "$0")/../lib.sh"

# The other ledger has its own admin and recorder, and the same bob.
at other init --name other --actor alice --no-passphrase >/dev/null &&
    at other actor add bob --kind person --roles approver --key other-admin >/dev/null &&
    at other key authorize bob bob --roles approver --key other-admin >/dev/null &&
    at other model create churn --key other-recorder >/dev/null &&
    at other version register churn --key other-recorder >/dev/null &&
    mv "$KEYS/demo-recorder.key" "$T" &&
    at other approve churn/1 --stage Staging --key bob >/dev/null || exit 99
mv "$T/demo-recorder.key" "$KEYS"
their_model=4 their_approval=6
ok 'the other ledger is sound' at other verify

victim copy
forge copy "load other#$their_model" "save $SIZE"
found 'as it is' copy "header-seq@$SIZE"
victim copy
forge copy "load other#$their_model" "set header.seq $SIZE" chain 'set event.70.2 text:theirs' \
    seal "tags $SIZE" "sign $KEYS/other-recorder.key" save
found 'signed by a key of that ledger' copy "rule/key-unknown@$SIZE"
victim copy
forge copy "load other#$their_model" "save $MODEL"
names 'in the place of one' copy "header-seq@$MODEL"

# Bob approved their churn, which is another model by its number: made to name ours, his statement
# is on another event; left alone, it names a model that is none here.
victim copy
forge copy "load other#$their_approval" "set header.seq $SIZE" chain "tags $MODEL" \
    "set event.91.1 $MODEL" seal "sign $RECORDER" save
found 'an approval that was made there' copy "rule/statement-ledger@$SIZE"
victim copy
forge copy "load $LAST" "take $APPROVAL event details salts" "take other#$their_approval statements" "set header.seq $SIZE" \
    chain "tags $MODEL" seal "sign $RECORDER" save
found 'its statement on an event of ours' copy "rule/statement-ledger@$SIZE"

# All of the other ledger's records under this one's name.
victim copy
for seq in $(seq 0 "$their_approval"); do printf 'load other#%d\nsave\n' "$seq"; done >script
for seq in $(seq $((their_approval + 1)) "$LAST"); do printf 'delete %d\n' "$seq"; done >>script
forge copy <script
KNOWS=$XDG_STATE_HOME
ok 'the whole other ledger in its place' at copy reindex
found 'but for the attachments' copy attachment-unknown
ok 'has another identity' "$MLEDGER" --ledger other --json status
grep -o '"identity":"[0-9a-f]*"' "$OUT" >theirs
ok 'which is what there is to pin' "$MLEDGER" --ledger copy --json status
expect_stdout_has 'and it shows' "$(cat theirs)"
ok 'and not ours' bash -c '! "$MLEDGER" --ledger "$VICTIM/ledger" --json status | grep -qf theirs'
done_testing
