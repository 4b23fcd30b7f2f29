/* SPDX-License-Identifier: Apache-2.0 */
/* What writing and reading JSON must agree on, and the reader as drafts use it. Private to the
 * files json_*.c. */
#ifndef ML_CORE_JSON_FIELD_H
#define ML_CORE_JSON_FIELD_H

#include "ledger/core/json.h"

/* Is it a point in time (int64, microseconds)? By its name. */
bool ml_json_is_time(const ProtobufCFieldDescriptor *field);

/* Longest name of an enum value, with NUL; a test holds the schema against it. */
enum { ML_ENUM_NAME_SIZE = 64 };
/* '_' stays as it is in names of enum values, but for those of algorithms: md5-dir. */
enum { ML_ENUM_SEPARATOR = '_', ML_ALGORITHM_SEPARATOR = '-' };

/* The name in lower case, its words parted by `separator`. */
void ml_json_enum_name(const ProtobufCEnumValue *value, char separator,
                       char ret_name[ML_ENUM_NAME_SIZE]);
/* The value of that name; NULL: there is none, or it is the unspecified one. */
const ProtobufCEnumValue *ml_json_enum_value(const ProtobufCEnumDescriptor *type, char separator,
                                             const char *name, size_t len);

/* Where a value stands, for errors: each part below the one `above`. */
struct ml_json_path {
    const struct ml_json_path *above; /* NULL: the top */
    const char *name;
    size_t index; /* in a list; SIZE_MAX: it is none */
};

/* MLEDGER_EINVALID: "run_logged.metrics[2].step: WHAT"; without the place at the top (NULL). */
#define ml_json_fail(path, ...) ML_FAIL_(MLEDGER_EINVALID, ml_json_set_error((path), __VA_ARGS__))
void ml_json_set_error(const struct ml_json_path *path, const char *format, ...) ML_PRINTF(2, 3);

/* Puts the place before the error that is set; returns the error's code. */
int ml_json_at(const struct ml_json_path *path);

/* Quoted from outside is at most this much, by "%.*s" with ml_json_quoted(len). */
enum { ML_JSON_QUOTE_MAX = 64 };
int ml_json_quoted(size_t len);

struct ml_json_reader {
    enum ml_json_dialect dialect;
    struct ml_arena *arena;
    struct ml_draft *draft; /* not NULL: what ml_draft_from_json() allows is allowed */
};

/* Where a value is to go: a field of a message of `type`. */
struct ml_json_place {
    const struct ml_json_reader *reader;
    const struct ml_json_path *path;
    const ProtobufCMessageDescriptor *type;
    const ProtobufCFieldDescriptor *field;
};

/* The error for a NULL of the reader's arena. */
int ml_json_fail_memory(const struct ml_json_place *place);

/* Reads a value of the field's type, which is no message, into `member`. */
int ml_json_read_scalar(const struct ml_json_place *place, const json_t *json,
                        void *member) ML_MUST_USE;
int ml_json_read_text(const struct ml_json_place *place, const json_t *json,
                      char **ret_text) ML_MUST_USE;
int ml_json_read_double(const struct ml_json_place *place, const json_t *json,
                        double *ret_number) ML_MUST_USE;
/* Hexadecimal digits of any even number. */
int ml_json_read_hex(const struct ml_json_place *place, const char *text, size_t text_len,
                     ProtobufCBinaryData *ret_bytes) ML_MUST_USE;

/* Fills `message`, initialised and empty, from `json`. Not checked by the codec as a whole. */
int ml_json_read(const struct ml_json_reader *reader, const struct ml_json_path *path,
                 const json_t *json, ProtobufCMessage *message) ML_MUST_USE;

/* A string of lower-case hexadecimal; NULL: memory is out. */
json_t *ml_json_hex(const void *data, size_t len);

#endif
