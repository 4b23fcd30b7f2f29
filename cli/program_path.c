/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program_path.h"

#include <unistd.h>

#include "cli/environment.h"

int ml_program_is_there(const char *name, bool *ret_is_there)
{
    bool found = false;
    for (const char *at = ml_environment_get("PATH"); at && !found;) {
        ML_CLEANUP(ml_buf_release) struct ml_buf file = {0};
        const char *end = strchrnul(at, ':');
        ML_TRY(ml_buf_printf(&file, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "", name));
        ML_TRY(ml_buf_append_char(&file, '\0'));
        found = access((const char *)file.data, X_OK) == 0;
        at = *end ? end + 1 : NULL;
    }
    *ret_is_there = found;
    return MLEDGER_OK;
}
