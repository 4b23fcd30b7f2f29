/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ledger_dir.h"

#include <errno.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/environment.h"

const char *ml_ledger_named(const struct ml_invocation *invocation)
{
    return invocation->ledger ? invocation->ledger : ml_environment_get("MLEDGER_DIR");
}

static int copy(const char *text, char **ret_text)
{
    char *text_copy = strdup(text);
    if (!text_copy)
        return ml_fail_memory();
    *ret_text = text_copy;
    return MLEDGER_OK;
}

/* 1 and the path if there is a ledger in the directory that the first `len` bytes name, 0 if
 * there is none; a directory that may not be looked into has none for us. */
static int look_in(const char *directory, size_t len, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    struct stat status;
    ML_TRY(ml_buf_append(&path, directory, len));
    ML_TRY(ml_buf_append_text(&path, "/" ML_LEDGER_DIR_NAME));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    if (stat((char *)path.data, &status) == 0) {
        if (!S_ISDIR(status.st_mode))
            return 0;
        path.len--;
        ML_TRY(ml_buf_take_text(&path, ret_path));
        return 1;
    }
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
        return ml_fail_errno(errno, "cannot look for a ledger at '%s'", (char *)path.data);
    return 0;
}

static int look_upward(char **ret_path)
{
    ML_CLEANUP(ml_freep) char *here = getcwd(NULL, 0);
    if (!here)
        return ml_fail_errno(errno, "cannot tell the current directory");
    /* "/a/b", "/a", "" (the root). */
    size_t len = strcmp(here, "/") == 0 ? 0 : strlen(here);
    for (;;) {
        int found = look_in(here, len, ret_path);
        if (found != 0)
            return found < 0 ? found : MLEDGER_OK;
        if (len == 0)
            break;
        while (here[--len] != '/')
            continue;
    }
    ml_fail(MLEDGER_ESYSTEM, "no ledger here: no '" ML_LEDGER_DIR_NAME "' in '%s' or above", here);
    return ml_hint("mledger init --name NAME");
}

bool ml_ledger_is_url(const char *name)
{
    return strncasecmp(name, "http://", 7) == 0 || strncasecmp(name, "https://", 8) == 0;
}

/* "approve, log, show": the commands that can work with a server. */
static int list_remote(const struct ml_program *program, struct ml_buf *list)
{
    for (size_t i = 0; program->commands[i]; i++)
        if (program->commands[i]->remote)
            ML_TRY(ml_buf_printf(list, "%s%s", list->len ? ", " : "", program->commands[i]->name));
    return ml_buf_append_char(list, '\0');
}

static int refuse_url(const struct ml_invocation *invocation, const char *url)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    const char *command = invocation->command ? invocation->command->name : "this";
    ML_TRY(list_remote(invocation->program, &list));
    return ml_fail(MLEDGER_EUSAGE,
                   "'%s' works on a ledger of this machine, not on that of the server '%s'; what "
                   "can ask a server: %s",
                   command, url, list.len > 1 ? (const char *)list.data : "nothing");
}

static int take(const struct ml_invocation *invocation, const char *name, char **ret_path)
{
    return ml_ledger_is_url(name) ? refuse_url(invocation, name) : copy(name, ret_path);
}

int ml_ledger_dir_find(const struct ml_invocation *invocation, char **ret_path)
{
    const char *path = ml_ledger_named(invocation);
    return path ? take(invocation, path, ret_path) : look_upward(ret_path);
}

int ml_ledger_dir_new(const struct ml_invocation *invocation, char **ret_path)
{
    const char *path = ml_ledger_named(invocation);
    return path ? take(invocation, path, ret_path) : copy(ML_LEDGER_DIR_NAME, ret_path);
}
