#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The twenty-seven questions of docs/QUESTIONS.md, asked of the scenario ledger: each has the answer
# that the story expects, and the page shows what the program prints.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
: "${SCENARIO:?}" "${MLEDGER_VERIFY:?}"
export SCENARIO MLEDGER_VERIFY

root=$TESTS_CLI/../..
ok 'all questions are answered' bash "$root/tests/samples/scenario/questions"
cp "$OUT" page
cp "$ERR" errors
# A sanitizer that speaks would stand in the page.
ok 'the page shows what the program prints' diff -u "$root/docs/QUESTIONS.md" page
[ "$STATUS" -eq 0 ] || echo '#   if it should: tests/samples/scenario/questions makes the page anew'

# answer NUMBER: the section of that question. expect NUMBER TEXT...: all of them stand in it.
answer() { awk -v number="$1" '/^##/ { on = $2 == number "." } on' page; }
expect() {
    local number=$1 text
    shift
    answer "$number" >section
    for text in "$@"; do
        grep -qF -- "$text" section || {
            echo "question $number lacks: $text"
            cat section
            return 1
        }
    done
}
# unless NUMBER TEXT: it does not stand in it.
unless() { ! answer "$1" | grep -qF -- "$2"; }

ok ' 1 in Production at a time' expect 1 'churn/1 was in Production at 2024-03-01T14:32:00Z' \
    'since     2024-02-01T08:00:00Z  #30  erik' 'until     2024-06-23T08:00:00Z  #64'
ok '   by both clocks' expect 1 'As it is claimed to have been' '#101  churn/2, Production to Archived'
ok ' 2 approved by whom' expect 2 'approved  2024-09-15T05:50:00Z  #70  erik: emergency, nobody else could be reached' \
    'the same person: erik also moved it'
ok ' 3 trained on what' expect 3 'trained on dataset customers sha256:e61049b4f79f' 'code of commit 9c0abe51c6e6' \
    'with 3 parameters: lr=0.05, depth=8, seed=42' 'made by stage prepare'
ok ' 4 what changed' expect 4 '~  dataset customers ' '+  early_stopping ' '-  for Production by olga'
ok ' 5 altered or back-dated' expect 5 'verified: ledger scenario, 145 records' 'anchored up to size 144' \
    'claimed to have happened at 2025-02-24T08:10:00Z' 'its move to Archived is claimed to have been at 2025-02-24T08:10:00Z'
ok ' 6 a prefix' expect 6 'consistent: the first 79 of 144 records are the same'
ok ' 7 in Production in 2025' expect 7 'churn/2      Production' 'churn/4      Production' 'embedding/1  Production' \
    'fraud/1      Production' 'fraud/2      Production'
ok '   and nothing else' unless 7 churn/3
ok ' 8 not approved' expect 8 'fraud/1      moved to Production by erik without any approval' \
    'carl approved it later, by #99' 'erik approved it for Production, and also moved it'
ok ' 9 keys of an actor' expect 9 'until     2025-05-20T08:00:00Z  #118  compromised' 'not to be trusted from #112 on' \
    '6 of 37 records in doubt, 0 signed after'
ok '10 the file on the server' expect 10 '1 as recorded' 'modified  model.bin  #87' 'Exit code 1.'
ok '11 evidence' expect 11 'wrote churn-2.evidence' 'verified: bundle, 145 records' 'the records used are in answer.evidence'
ok '12 inventory' expect 12 'retention' 'fraud-api (production)' '2025-10-06'
ok '13 old data' expect 13 'fraud        1  Production' 'embedding        1  Production'
ok '14 derived from a base model' expect 14 '5 versions affected' 'fraud/3' 'fraud/4'
ok '15 flow' expect 15 'rollback: fraud/1 entered Production by #121' 'emergency: churn/3 entered Production by #71'
ok '16 the same test data' expect 16 'different data' 'churn/5 was measured on customers sha256:55494d37f050'
ok '17 leak' expect 17 'churn/5  customers, which it learned from, and customers, which was held out'
ok '18 poisoned' expect 18 'fraud/2  may be affected' 'production/fraud-api, 100 %  2025-03-12 07:35:00  2025-06-03 05:02:00' 'fraud/3'
ok '   not others' unless 18 'fraud/1  may be affected'
ok '19 to go back to' expect 19 'not reached' 'to go back: mledger rollback churn --to 2'
ok '20 a commit with a bug' expect 20 '1 version affected' '4 versions may be affected'
ok '21 who answered' expect 21 'served churn/2 for 90% of the traffic' 'served churn/4 for 10% of the traffic' \
    'code      git:0012a3fa000c  #83' 'data      customers sha256:55494d37f050 (training)  #84' \
    'trained on dataset customers sha256:55494d37f050'
ok '22 consent withdrawn' expect 22 '4 versions may be affected' 'churn/1      Archived'
ok '   but not all' unless 22 'churn/1  may be affected'
ok '23 how they are connected' expect 23 'registered as fraud/2' 'led to fraud/3' 'no path from dataset:customers to fraud/1'
ok '24 a stolen key' expect 24 '#112  2025-05-11 02:13:00  version_registered  fraud/3' '#117' 'fraud/3  affected'
ok '   not before' unless 24 '#111'
ok '25 known at the time' expect 25 'churn/2 was in Production' 'not counted here' 'as of #99' 'approval for Production  #99 by carl'
ok '   and nothing later' unless 25 'data drift'
ok '   but apart from it what was made known since' expect 25 'key e5e408365465e16d compromised (casts doubt on #112, #113)'
ok '26 missing records' expect 26 'run f4  started by #127' 'fraud/4      it names run f5-on-another-cluster' 'training data chargebacks'
ok '27 nothing deleted' expect 27 'anchored up to size 79' \
    '#140  approval_recorded  churn/5       #142  2025-10-20T09:00:00Z  dana' \
    'request of the data protection officer' 'details erased by #142'
# What verify found in order is known to all answers after it, with the checkpoint it was held against.
ok 'verified, and by which checkpoint' expect 5 'verified on this machine up to #144; the newest signed checkpoint seen here covers #0 to #143'

done_testing
