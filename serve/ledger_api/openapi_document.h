/* SPDX-License-Identifier: Apache-2.0 */
/* docs/openapi.json, as it was when this was built. */
#ifndef ML_SERVE_LEDGER_API_OPENAPI_DOCUMENT_H
#define ML_SERVE_LEDGER_API_OPENAPI_DOCUMENT_H

#include <stddef.h>

extern const unsigned char ml_openapi_document[];
extern const size_t ml_openapi_document_size;

#endif
