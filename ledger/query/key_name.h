/* SPDX-License-Identifier: Apache-2.0 */
/* A key in a question: by the first of its hexadecimal digits, or by a name that means something
 * only where the question is asked (a file of a person's). */
#ifndef ML_QUERY_KEY_NAME_H
#define ML_QUERY_KEY_NAME_H

#include "ledger/store/ledger.h"

/* The fewest hexadecimal digits that name a key. */
enum { ML_KEY_DIGITS_MIN = 8 };

/* Whether the text may be the beginning of a key: lower-case digits, neither too few nor too many.
 */
bool ml_key_is_digits(const char *text);
/* The one key of the ledger whose hexadecimal form begins so. MLEDGER_EUSAGE: several do.
 * MLEDGER_ENOTFOUND: none does, or these are no such digits. */
int ml_key_by_digits(struct ml_view *view, const char *digits,
                     uint8_t ret_key[ML_KEY_SIZE]) ML_MUST_USE;

/* Finds the key that `name` names; errors as ml_key_by_digits(). */
typedef int ml_key_finder(void *context, struct ml_view *view, const char *name,
                          uint8_t ret_key[ML_KEY_SIZE]);
/* How a question finds keys. NULL in its place: by their digits alone. */
struct ml_key_names {
    ml_key_finder *find;
    void *context;
};
int ml_key_by_name(const struct ml_key_names *names, struct ml_view *view, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE]) ML_MUST_USE;

/* "key:NAME" is NAME; NULL: the text does not say that it is of a key. */
const char *ml_key_named(const char *text);

#endif
