/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard base64 (RFC 4648 section 4): as DSSE envelopes, signed notes and key files have it.
 * Decoding is strict (RFC 4648 sections 3.3 and 3.5): padding must be there, the unused bits of
 * the last character must be zero, no white space or other characters; so one value has one
 * spelling. Both directions run in time that depends on lengths only: seeds of keys pass
 * through here.
 */
#ifndef ML_CORE_BASE64_H
#define ML_CORE_BASE64_H

#include "ledger/core/base.h"

/* Characters (without NUL) that `len` bytes become. */
#define ML_BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Appends ML_BASE64_LEN(len) characters, no NUL. MLEDGER_ESYSTEM: out of memory; nothing was
 * appended. */
int ml_base64_append(struct ml_buf *buf, const void *data, size_t len) ML_MUST_USE;

/* Appends the decoded bytes. MLEDGER_EINVALID: no strict base64; MLEDGER_ESYSTEM: out of
 * memory. Nothing was appended then. What was decoded is at most 3/4 of text_len, which the
 * caller has limited. */
int ml_base64_append_decoded(struct ml_buf *buf, const char *text, size_t text_len) ML_MUST_USE;

/* Decodes into exactly `len` bytes. MLEDGER_EINVALID: no strict base64, or another length. What
 * ret_data held is lost then; it is all zero. */
int ml_base64_decode(const char *text, size_t text_len, uint8_t *ret_data, size_t len) ML_MUST_USE;

#endif
