/* SPDX-License-Identifier: Apache-2.0 */
/* When endpoints served a model version. */
#ifndef ML_QUERY_ENDPOINT_PAST_H
#define ML_QUERY_ENDPOINT_PAST_H

#include "ledger/query/reader.h"

/* From record from_seq on, until before to_seq: half-open, as times are. Ended by the next record
 * about the endpoint, which says anew what it serves. */
struct ml_endpoint_interval {
    const char *endpoint;
    const char *environment; /* NULL: none is named. Two environments are two endpoints. */
    uint32_t share_ppm;      /* of the traffic */
    uint64_t from_seq;
    int64_t from_us;
    uint64_t to_seq; /* MLEDGER_NO_SEQ: at the moment asked about it still does */
    int64_t to_us;
};

/* Whether both are about one endpoint: of one name, in one environment (or none said). */
bool ml_endpoint_same(const Mledger__DeploymentRecorded *a, const Mledger__DeploymentRecorded *b);
/* The next record after `seq` about the endpoint of `deployment`, up to the reader's record; NULL:
 * there is none. Cost: the records between that name an endpoint so. MLEDGER_EDAMAGED. */
int ml_endpoint_next(struct ml_reader *reader, const Mledger__DeploymentRecorded *deployment,
                     uint64_t seq, const struct ml_record **ret_next) ML_MUST_USE;

/* Those of the version up to the reader's record, by their first record. They live in the reader's
 * arena. Cost: the records that say where the version is, and those about the endpoints that end an
 * interval. */
int ml_endpoint_intervals(struct ml_reader *reader, uint64_t model, uint64_t version,
                          struct ml_endpoint_interval **ret_intervals,
                          size_t *ret_count) ML_MUST_USE;

#endif
