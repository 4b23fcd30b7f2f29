#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dataset add, dataset manifest.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
mkdir -p data/sub
printf abc >data/a.csv
printf '' >data/sub/empty
abc_sha=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
abc_md5=900150983cd24fb0d6963f7d28e17f72

ok 'the manifest of a directory' "$MLEDGER" dataset manifest data
expect_stdout 'is as its page says' <<END
mledger manifest 1
100644 3 $abc_sha $abc_md5 a.csv
100644 0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 d41d8cd98f00b204e9800998ecf8427e sub/empty
END
identity=$(sha256sum <"$OUT" | cut -d' ' -f1)
ok 'the manifest of a file' test_must_fail 2 "$MLEDGER" dataset manifest data/a.csv

ok 'a directory' "$MLEDGER" dataset add train data --source s3://bucket/train --tag owner=crm
expect_stdout_has 'is its manifest' "dataset train: 2 files, 3 B, sha256:$identity"
ok 'its record' "$MLEDGER" --json show 2
tr -d ' \n' <"$OUT" >said
for part in "{\"digest\":\"sha256:$identity\",\"standing\":\"seen\"}" '"digest":"md5-dir:' \
    '"files":2' "\"manifest\":{\"sha256\":\"$identity\"" '"source_uri":"s3://bucket/train"' \
    '"tags":["owner"]' '"tag_values":["crm"]' '"occurred_at":"' '"host":"'; do
    ok "has $part" grep -qF -- "$part" said
done

ok 'the same again' "$MLEDGER" dataset add train data
expect_stdout 'records nothing' <<'END'
dataset train is unchanged since record #2; nothing recorded
END
ok 'the same with the same words' \
    "$MLEDGER" --json dataset add train data --source s3://bucket/train --tag owner=crm
expect_stdout_has 'records nothing either' '"unchanged_since":2'
ok 'another tag' "$MLEDGER" dataset add train data --tag owner=other
expect_stdout_has 'is recorded' 'recorded #3'
ok 'another source' "$MLEDGER" dataset add train data --source s3://elsewhere
expect_stdout_has 'is recorded' 'recorded #4'
printf d >>data/a.csv
ok 'other content' "$MLEDGER" dataset add train data
expect_stdout_has 'is recorded' 'recorded #5'

ok 'a file' "$MLEDGER" --json dataset add one data/sub/empty
printf abc >abc
ok 'a file as JSON' "$MLEDGER" --json dataset add abc abc
expect_stdout_has 'says its digest' "\"dataset\":\"abc\",\"digest\":\"sha256:$abc_sha\",\"size\":3"

ok 'nothing at the path' test_must_fail 3 "$MLEDGER" dataset add x gone
expect_stderr_has 'is named' "there is no file or directory 'gone'"
mkdir bare
ok 'a directory without files' test_must_fail 3 "$MLEDGER" dataset add x bare
expect_stderr_has 'is refused' "'bare' holds no files"
mkfifo bare/pipe
ok 'a pipe' test_must_fail 3 "$MLEDGER" dataset add x bare
expect_stderr_has 'has no content' "'bare/pipe' is neither a file nor a directory"
rm bare/pipe
ln -s nowhere bare/link
ok 'a link that leads nowhere' test_must_fail 3 "$MLEDGER" dataset add x bare
expect_stderr_has 'is named' "'bare/link' is a link that leads nowhere"
rm bare/link
ok 'the current directory' "$MLEDGER" dataset add here data/..
ok 'again, the ledger having grown' "$MLEDGER" dataset add here data/..
expect_stdout_has 'is unchanged' 'dataset here is unchanged since record #8'
ok 'a tag without a value' test_must_fail 2 "$MLEDGER" dataset add x data --tag owner
ok 'a name of nothing' test_must_fail 3 "$MLEDGER" dataset add '' data
expect_sound 'all of it verifies'

done_testing
