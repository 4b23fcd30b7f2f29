/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doubles (IEEE 754 binary64) as decimal text and back, exactly and whatever the locale.
 * Pure; thread-safe.
 */
#ifndef ML_CORE_DOUBLE_H
#define ML_CORE_DOUBLE_H

#include "ledger/core/base.h"

/* Longest text with NUL: sign, 17 digits, point, "e-308"; rounded up. */
#define ML_DOUBLE_TEXT_SIZE 32
/* Longest text that is read; the exact value of any double has fewer digits. */
enum { ML_LIMIT_DOUBLE_TEXT = 1100 };

/* Writes `number`, which is finite, with the fewest digits that, correctly rounded, read back as
 * it. There is always a point or an exponent, so that it reads back as no integer. The form is
 * Python's: "0.1", "1.0", "100000.0", "1e+16", "1e-05". */
void ml_double_format(double number, char ret_text[ML_DOUBLE_TEXT_SIZE]);

/* Reads a decimal number as programs write them, all of `text`: "1", "-.5", "1e-05"; also "nan",
 * "inf" and "infinity" in any case and with a sign. Every NaN becomes the one that records hold
 * (ledger/core/codec.h). What is too small becomes zero.
 * MLEDGER_EINVALID: it is no number, too large for a double, or over ML_LIMIT_DOUBLE_TEXT. */
int ml_double_parse(const char *text, size_t len, double *ret_number) ML_MUST_USE;

#endif
