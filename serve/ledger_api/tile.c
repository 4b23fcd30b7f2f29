/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles, as `mledger export tiles` lays them out, so that any client of C2SP tlog-tiles reads the
 * log below the API's prefix. No payload is in them. */
#include "export/tiles.h"

#include "serve/ledger_api/route.h"

int ml_api_tile(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskTile *request = message;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    struct ml_tile tile;
    ML_TRY(ml_buf_printf(&path, "tile/%s", request->path));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    if (!ml_tile_parse((const char *)path.data, &tile))
        return ml_fail(MLEDGER_ENOTFOUND, "'%.128s' is no path of a tile", (const char *)path.data);
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_tile_of_view(&call->view, &tile, &bytes));
    call->immutable = true;
    return ml_api_answer_bytes(call, "application/octet-stream", &bytes);
}
