#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A version is registered a second time, or with a number that is not due.
. "$(dirname "$0")/../lib.sh"

# register NAME NUMBER [LINE...]: event 74 holds model, version, source.
register() {
    local name=$1 version=$2
    shift 2
    forbidden "$name" version-number "$MODEL" "set event.74.1 $MODEL" "set event.74.2 $version" \
        'set event.74.5 text:s3://elsewhere' "$@"
}
register 'the same number' 1
register 'one too far' 3
register 'number 0' 0
register 'the greatest number' 18446744073709551615
register 'the same number, as an import' 1 'set event.2 2'
victim copy
at copy version delete churn/1 --key demo-recorder >/dev/null || exit 99
write_next copy "$RECORDER" "$MODEL" "set event.74.1 $MODEL" 'set event.74.2 1'
found 'the number of one that was deleted' copy "rule/version-number@$((SIZE + 1))"

victim copy
write_next copy "$RECORDER" "$MODEL" "set event.74.1 $MODEL" 'set event.74.2 2'
ok 'the one that is due, by the same hand' at copy reindex
sound 'is in order' copy
done_testing
