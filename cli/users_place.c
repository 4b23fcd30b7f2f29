/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/users_place.h"

#include "ledger/store/known_file.h"

static int default_dir(char **ret_dir)
{
    return ml_user_dir("XDG_CONFIG_HOME", ".config", "mledger/users", ret_dir);
}

int ml_users_place(struct ml_session *session, char **ret_path, uint8_t ret_identity[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    const char *given = ml_option_text(session->invocation, "users", NULL);
    struct ml_head head;
    ML_TRY(ml_ledger_head(session->ledger, &head));
    memcpy(ret_identity, head.identity, ML_HASH_SIZE);
    if (given) {
        ML_TRY(ml_buf_append_text(&path, given));
        return ml_buf_take_text(&path, ret_path);
    }
    ML_TRY(default_dir(&dir));
    ML_TRY(ml_known_path(dir, head.identity, "", &path));
    path.len--; /* its NUL */
    return ml_buf_take_text(&path, ret_path);
}

int ml_users_place_make(const struct ml_session *session)
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    if (ml_option_given(session->invocation, "users"))
        return MLEDGER_OK;
    ML_TRY(default_dir(&dir));
    return ml_user_dir_make(dir);
}
