/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DSSE 1.0 envelope (https://github.com/secure-systems-lab/dsse) around a document:
 *
 *     {"payload":"BASE64","payloadType":"application/vnd.in-toto+json",
 *      "signatures":[{"keyid":"HEX","sig":"BASE64"}]}
 *
 * on one line, as bundles (.intoto.jsonl) want it. The signature is Ed25519 over the
 * pre-authentication encoding, keyid the public key in hexadecimal, so others' tools check it with
 * nothing but that key. It vouches for the document as a whole; what the records say needs none.
 */
#ifndef ML_EXPORT_ENVELOPE_H
#define ML_EXPORT_ENVELOPE_H

#include "ledger/store/ledger.h"

/* Appends the envelope and a line feed; nothing after a failure. Errors of the signer;
 * MLEDGER_ESYSTEM: memory is out. */
int ml_envelope_append(const char *media_type, struct ml_span payload,
                       const struct ml_signer *signer, struct ml_buf *out) ML_MUST_USE;

/* The same for each line of `lines`, in their order. */
int ml_envelope_append_lines(const char *media_type, struct ml_span lines,
                             const struct ml_signer *signer, struct ml_buf *out) ML_MUST_USE;

#endif
