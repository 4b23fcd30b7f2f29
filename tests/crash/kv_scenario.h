/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to a store while it fails: records are appended, one a transaction that touches all
 * three tables, takes pages and gives pages back; and a look that proves that of each
 * record all or nothing is there.
 */
#ifndef TESTS_CRASH_KV_SCENARIO_H
#define TESTS_CRASH_KV_SCENARIO_H

#include "ledger/store/kv.h"

/* A map so small that it has to grow on the way. */
int kv_scenario_open(const char *dir, struct ml_kv **ret) ML_MUST_USE;
/* Appends record `number`, which must be the next. */
int kv_scenario_append(struct ml_kv *kv, uint64_t number) ML_MUST_USE;
/* How many records there are, 0 … n-1, each whole; MLEDGER_EDAMAGED, with what is wrong, if not. */
int kv_scenario_check(struct ml_kv *kv, uint64_t *ret_count) ML_MUST_USE;

#endif
