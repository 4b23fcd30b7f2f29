/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as hexadecimal text, lower-case. Decoding takes lower-case only, unless it says
 * otherwise: one value has one spelling wherever mledger reads its own text.
 */
#ifndef ML_CORE_HEX_H
#define ML_CORE_HEX_H

#include "ledger/core/base.h"

/* Characters with the NUL that ml_hex_encode() writes for `len` bytes. */
#define ML_HEX_SIZE(len) (2 * (len) + 1)

/* Writes 2 * len digits and a NUL. */
void ml_hex_encode(char *ret_text, const void *data, size_t len);
/* Appends 2 * len digits, no NUL. MLEDGER_ESYSTEM: out of memory; nothing was appended. */
int ml_hex_append(struct ml_buf *buf, const void *data, size_t len) ML_MUST_USE;

/* Decodes text_len characters into exactly `len` bytes.
 * MLEDGER_EINVALID: another length, or a character that is no (lower-case) digit; the text of
 * the error says which, and callers put before it what was being read. */
int ml_hex_decode(const char *text, size_t text_len, uint8_t *ret_data, size_t len) ML_MUST_USE;
/* The same for what others wrote: upper-case digits too. */
int ml_hex_decode_any_case(const char *text, size_t text_len, uint8_t *ret_data,
                           size_t len) ML_MUST_USE;

#endif
