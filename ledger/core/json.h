/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON and back: one converter for every message of the schema, driven by its descriptors. It
 * serves `show --json`, JSON lines in and out, and the server. JSON is RFC 8259.
 *
 * How a message looks (DESIGN section 7):
 *
 *   message       an object; keys are the field names of proto/, in the order of their numbers;
 *                 what is absent is left out. A oneof is whichever of its fields is there, so an
 *                 Event is {"run_started": {...}}
 *   repeated      an array
 *   integers      numbers. JSON text here ends at 2^63-1: a uint64 above that is a string of
 *                 decimal digits
 *   double        a number, in the shortest text that reads back as the same double
 *                 (ml_double_format()); "NaN", "Infinity", "-Infinity"
 *   bytes         lower-case hexadecimal
 *   enum          its name in lower case
 *   time          an int64 of microseconds called recorded_at, occurred_at, time, expiry,
 *                 since_time or wrong: RFC 3339, UTC. One that RFC 3339 cannot say (before 1970
 *                 or after 9999): the number of microseconds
 *   Digest        {"digest": "sha256:HEX", "standing": "seen"}; algorithms are sha256, md5,
 *                 md5-dos2unix, md5-dir and git
 *   MetricValue   {"value": 0.5, "text": "0.50"}
 *
 * What reading takes besides: an RFC 3339 time with an offset; `false` and `[]` for what is
 * absent; "sha256:HEX" for a Digest that is claimed; for a MetricValue a bare string, which is
 * kept as the text and must be a number ("0.50", "nan", "-inf"), or a bare number. Of a bare
 * number the text is not kept as it was written: an integer becomes its digits, anything else
 * the shortest text of the double, so 0.50 becomes "0.5". Whoever wants the text kept writes a
 * string.
 *
 * Messages of others' interfaces (the MLflow REST API) have a dialect, ML_JSON_PROTOBUF: the
 * JSON mapping of protobuf (protobuf.dev/programming-guides/json) with the field names of the
 * .proto and with 64-bit integers written as numbers. Enums are their names as they stand, a bool
 * may be there and false, null is absent, unknown keys are passed over, integers and doubles may
 * stand in strings, and no field is a time.
 *
 * Pure; thread-safe on distinct arguments.
 */
#ifndef ML_CORE_JSON_H
#define ML_CORE_JSON_H

#include <jansson.h>

#include "ledger/core/arena.h"
#include "ledger/core/codec.h"
#include "ledger/core/draft.h"
#include "ledger/core/record.h"

/* Bytes of one line of JSON from outside. The text of a record is about twice its size. */
enum { ML_LIMIT_JSON_LINE = 2 * ML_LIMIT_RECORD };

enum ml_json_dialect { ML_JSON_LEDGER, ML_JSON_PROTOBUF };

/* The message as JSON, a new reference. MLEDGER_EINVALID: it holds what the codec refuses (an
 * unknown enum value, text that is no UTF-8); MLEDGER_ESYSTEM: memory is out. */
int ml_json_from_message(const ProtobufCMessage *message, json_t **ret_json) ML_MUST_USE;
/* The same in the dialect of protobuf. */
int ml_json_from_api(const ProtobufCMessage *message, json_t **ret_json) ML_MUST_USE;

/*
 * The strict inverse: a message of `type` in `arena`, valid as long as that, borrowing nothing
 * from `json`. It passes ml_codec_check(). MLEDGER_EINVALID names the place and the fault:
 * "run_logged.metrics[2].step: expected an integer" (an unknown key, a value of the wrong type,
 * out of range or of the wrong size, a required field that is missing, two fields of a oneof, a
 * limit of the codec). MLEDGER_ESYSTEM: memory is out.
 */
int ml_json_to_message(const json_t *json, const ProtobufCMessageDescriptor *type,
                       struct ml_arena *arena, ProtobufCMessage **ret_message) ML_MUST_USE;
/* The same in the dialect of protobuf; the codec is not asked, since such a message is never
 * encoded. */
int ml_json_to_api(const json_t *json, const ProtobufCMessageDescriptor *type,
                   struct ml_arena *arena, ProtobufCMessage **ret_message) ML_MUST_USE;

/* Reads an object or an array; nothing but white space may follow it. Repeated keys are refused,
 * as are NUL, invalid UTF-8, numbers out of range and a depth over jansson's 2048. The caller has
 * limited `len`. MLEDGER_EINVALID says what is wrong and at which line and column. */
int ml_json_parse(const char *text, size_t len, json_t **ret_json) ML_MUST_USE;

/* Appends the text of `json`: UTF-8, keys in their order, on one line (indent 0) or with each
 * member on a line of its own, indented by `indent` spaces a level. No line feed at the end.
 * MLEDGER_ESYSTEM: memory is out. */
int ml_json_dump(const json_t *json, unsigned indent, struct ml_buf *out) ML_MUST_USE;

/*
 * A line of `append`: {"run_started": {...}, "details": {...}, "on_behalf_of": "alice",
 * "imported_from": "dvc"}, with exactly one kind of event. As ml_json_to_message() reads it, but:
 *
 *   - a field that names a subject (ml_field_role()) takes a seq or a string, the subject's name
 *     as a user writes it, which is left in the draft's `names` to be resolved; `predecessor` and
 *     `record_ref` take a seq only
 *   - `on_behalf_of` is another word for `on_behalf_of_actor_ref`
 *   - what the ledger assigns may be missing although it is required: subject_salt (then of
 *     length 0), version of version_registered (0), from_stage of stage_transitioned (NULL)
 *
 * so the draft need not pass ml_codec_check() or ml_event_check() yet. `origin` ("line 12", NULL:
 * nothing to say) is copied; it stands before every error and in the draft. MLEDGER_EINVALID,
 * MLEDGER_ESYSTEM as above; a line over ML_LIMIT_JSON_LINE is MLEDGER_EINVALID.
 */
int ml_draft_from_json(const char *line, size_t len, const char *origin,
                       struct ml_draft **ret_draft) ML_MUST_USE;

/*
 * A record as `show --json` prints it: "seq", "recorded_at", "kind" (the event's name), "signer",
 * "link", "leaf", "subject_tags", "event", "details" (absent if there are none),
 * "details_erased": true, "statements": [{"key", "meaning", "seen_seq", ...}]. A record of a
 * schema that this program does not know has "schema" and "not_understood": true in place of what
 * stands in its payload. A new reference. MLEDGER_ESYSTEM: memory is out.
 */
int ml_record_to_json(const struct ml_record *record, json_t **ret_json) ML_MUST_USE;

/*
 * Appends a line of `export`, without its line feed: the exact bytes of the record. "dsse" is a
 * DSSE 1.0 envelope of the header as it stands; event, details and statements are base64, salts
 * and details_hash hexadecimal; what the record does not hold is left out.
 *   {"seq":1,"dsse":{"payloadType":"…","payload":"…","signatures":[{"keyid":"…","sig":"…"}]},
 *    "event":"…","details":"…","statements":"…",
 *    "salts":{"event":"…","details":"…","statements":"…"},"details_hash":"…"}
 * MLEDGER_ESYSTEM: memory is out.
 */
int ml_record_to_export_line(const struct ml_record *record, struct ml_buf *out) ML_MUST_USE;

/*
 * The strict inverse: appends to `out` the bytes that the store keeps, and says their seq. seq and
 * keyid must be those of the header. Nothing else of the record is judged: that is what
 * ml_record_read() is for. MLEDGER_EINVALID says what is wrong with the line (an unknown, missing
 * or repeated key, text that is no base64 or hexadecimal, a wrong size, more than
 * ML_LIMIT_JSON_LINE, or any spelling but the one that ml_record_to_export_line() gives);
 * MLEDGER_ESYSTEM: memory is out. `out` is untouched then.
 */
int ml_record_from_export_line(const char *text, size_t len, struct ml_buf *out,
                               uint64_t *ret_seq) ML_MUST_USE;

/* Sets `key` to `value` (NULL: memory was out), whose reference it takes. MLEDGER_ESYSTEM. */
int ml_json_put(json_t *object, const char *key, json_t *value) ML_MUST_USE;

#endif
