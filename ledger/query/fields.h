/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current parameters, metrics and tags of a subject or a version, all points of a logged
 * model's metrics, all inputs and outputs of a run, found through the state: the cost is that of
 * their number and of the records that hold them, not of the ledger.
 */
#ifndef ML_QUERY_FIELDS_H
#define ML_QUERY_FIELDS_H

#include "ledger/query/reader.h"

struct ml_field {
    enum ml_field_kind kind;
    const char *key;
    const char *value;                  /* of a parameter or tag; NULL: erased */
    const Mledger__MetricValue *metric; /* of a metric; NULL: erased */
    int64_t step, time_us;              /* of a metric */
    const Mledger__MetricPoint *point;  /* of a metric … */
    uint64_t run;                       /* … and the run that measured it */
    const Mledger__Input *input;        /* of a run … */
    const Mledger__Artifact *output;    /* or an artifact */
    const Mledger__ModelOutput *model;  /* a logged model that a run made */
    const Mledger__Details *details;    /* of the record that holds it; NULL: erased */
    uint64_t seq;                       /* the record that set it … */
    uint32_t index;                     /* … and its place there */
    bool is_tied;        /* a metric: an earlier point has the same step and time … */
    uint64_t tied_since; /* … the first of them in this record */
};

struct ml_fields {
    struct ml_field *list; /* by kind, then in the order they were set; the reader's arena */
    size_t count;
};

/*
 * Those of today, whatever the reader's as_of. `version` 0: of the subject itself.
 * MLEDGER_EDAMAGED: the state names a record that does not hold what it says; or as
 * ml_reader_record(). MLEDGER_ESYSTEM.
 */
int ml_fields_read(struct ml_reader *reader, uint64_t subject, uint64_t version,
                   struct ml_fields *ret_fields) ML_MUST_USE;
/* One of them. MLEDGER_ENOTFOUND (without a text): it is not set. */
int ml_fields_find(struct ml_reader *reader, uint64_t subject, uint64_t version,
                   enum ml_field_kind kind, const char *key,
                   struct ml_field *ret_field) ML_MUST_USE;

/* What a model (version 0) or a version was described as last; NULL: nothing, or it was erased.
 * MLEDGER_ENOTFOUND (without a text): there is no such thing. */
int ml_fields_description(struct ml_reader *reader, uint64_t model, uint64_t version,
                          const char **ret_description) ML_MUST_USE;

/* The files that an event says a run or logged model wrote; none of other events. */
struct ml_files {
    Mledger__Artifact *const *list;
    size_t count;
};
struct ml_files ml_files_of(const Mledger__Event *event);

/* The details' value at `index`, NULL when there is none: erased. */
const char *ml_field_param_value(const Mledger__Details *details, size_t index);
const char *ml_field_tag_value(const Mledger__Details *details, size_t index);

#endif
