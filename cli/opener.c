/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/program_path.h"

#define OPENER "xdg-open"

int ml_opener_check(void)
{
    bool found;
    if (!ml_environment_get("DISPLAY") && !ml_environment_get("WAYLAND_DISPLAY"))
        return ml_fail(MLEDGER_ESYSTEM, "there is no display to open it on: neither DISPLAY nor "
                                        "WAYLAND_DISPLAY is set");
    ML_TRY(ml_program_is_there(OPENER, &found));
    return found ? MLEDGER_OK
                 : ml_fail(MLEDGER_ESYSTEM, "there is no '" OPENER "' to open it with");
}

static int start(char *const *argv)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (!error) {
        /* It outlives us, and has nothing to say where our answer goes. */
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
        for (int fd = STDIN_FILENO; !error && fd <= STDERR_FILENO; fd++)
            error = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
        if (!error)
            error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int ml_opener_show(const char *path)
{
    /* Absolute, so that no name of a file is an option there. */
    ML_CLEANUP(ml_freep) char *whole = realpath(path, NULL);
    char name[] = OPENER;
    if (!whole)
        return ml_fail_errno(errno, "cannot find '%s' to open it", path);
    int error = start((char *const[]){name, whole, NULL});
    return error ? ml_fail_errno(error, "cannot run '" OPENER "'") : MLEDGER_OK;
}
