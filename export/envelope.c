/* SPDX-License-Identifier: Apache-2.0 */
#include "export/envelope.h"

#include "ledger/core/base64.h"
#include "ledger/core/hex.h"

static int sign(const char *media_type, struct ml_span payload, const struct ml_signer *signer,
                uint8_t ret_signature[ML_SIGNATURE_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    ML_TRY(ml_dsse_encode(media_type, payload, &encoded));
    return signer->sign(signer->context, ml_buf_span(&encoded), ret_signature);
}

int ml_envelope_append(const char *media_type, struct ml_span payload,
                       const struct ml_signer *signer, struct ml_buf *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    uint8_t signature[ML_SIGNATURE_SIZE];
    ML_TRY(sign(media_type, payload, signer, signature));
    ML_TRY(ml_buf_append_text(&line, "{\"payload\":\""));
    ML_TRY(ml_base64_append(&line, payload.data, payload.len));
    ML_TRY(ml_buf_printf(&line, "\",\"payloadType\":\"%s\",\"signatures\":[{\"keyid\":\"",
                         media_type));
    ML_TRY(ml_hex_append(&line, signer->key, sizeof signer->key));
    ML_TRY(ml_buf_append_text(&line, "\",\"sig\":\""));
    ML_TRY(ml_base64_append(&line, signature, sizeof signature));
    ML_TRY(ml_buf_append_text(&line, "\"}]}\n"));
    return ml_buf_append(out, line.data, line.len);
}

int ml_envelope_append_lines(const char *media_type, struct ml_span lines,
                             const struct ml_signer *signer, struct ml_buf *out)
{
    size_t before = out->len, taken = 0;
    for (; taken < lines.len; taken++) {
        const uint8_t *begin = lines.data + taken;
        const uint8_t *end = memchr(begin, '\n', lines.len - taken);
        size_t len = end ? (size_t)(end - begin) : lines.len - taken;
        int result = ml_envelope_append(media_type, ML_SPAN(begin, len), signer, out);
        if (result < 0) {
            out->len = before;
            return result;
        }
        taken += len;
    }
    return MLEDGER_OK;
}
