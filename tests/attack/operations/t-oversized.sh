#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records that are too large: an over-long header, a payload of 100 MB, a million empty fields.
# They are named, and verify needs neither the memory nor the time that they ask for.
. "$(dirname "$0")/../lib.sh"

# large NAME CODE LINE...: the last record, made large, hashed and signed by the recorder.
large() {
    local name=$1 code=$2
    shift 2
    victim copy
    forge copy "load $LAST" "$@" seal "signature $RECORDER" "save $LAST"
    found "$name" copy "$code@$LAST"
}
mapfile -t tags < <(for i in $(seq 150); do printf 'add header.subject_tags hex:ff%030x\n' "$i"; done)
large 'a header of 2 KiB and more' header-encoding "${tags[@]}"
large 'an event of a million bytes' event-encoding 'whole event zeros:1000000'
large 'a text of a million bytes' event-encoding 'set event.70.2 times:1000000:61'
large 'a million empty fields in the event' record-encoding 'set event.45 times:1000000:1200'
large 'as many as fit' event-encoding 'set event.45 times:131000:1200'
large 'as many messages as fit' event-encoding 'set event.45 times:131000:1a00'
large 'a million fields that are not known' event-encoding 'whole event times:131000:f801'
large 'details over 1 MiB' details-encoding 'set details.3 times:1048577:61'
large 'details of half a million empty fields' details-encoding 'whole details times:524288:5200'
large 'details of half a million empty messages' details-encoding 'whole details times:524288:5a00'
large 'details of a million empty fields' record-encoding 'whole details times:1000000:5200'
large 'a payload of 100 MB' record-encoding 'set details.3 zeros:104857600'
large 'statements over 16 KiB' statements-encoding 'whole statements zeros:16385'
large 'statements of eight thousand empty ones' statements-encoding 'whole statements times:8192:0a00'

# The record itself, whatever its parts are.
victim copy
forge copy "load $LAST" pack 'whole packed zeros:104857600' "store $LAST"
found '100 MB of zeros' copy "record-encoding@$LAST"
victim copy
forge copy "put attachments hex:$(printf 'ab%.0s' {1..32}) zeros:104857600"
found 'an attachment of 100 MB that no record names' copy attachment-unknown
done_testing
