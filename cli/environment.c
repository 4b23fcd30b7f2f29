/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/environment.h"

#include <unistd.h>

static size_t name_len(const char *setting)
{
    return (size_t)(strchrnul(setting, '=') - setting);
}

static bool is_set(const char *variable, const char *const *settings)
{
    for (; *settings; settings++)
        if (name_len(variable) == name_len(*settings) &&
            strncmp(variable, *settings, name_len(variable)) == 0)
            return true;
    return false;
}

int ml_environment_with(const char *const *settings, char ***ret_environment)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    for (size_t i = 0; settings[i]; i++)
        count++;
    char **all = ml_calloc(count + 1, sizeof(char *));
    if (!all)
        return ml_fail_memory();
    for (size_t i = 0; environ[i]; i++)
        if (!is_set(environ[i], settings))
            all[kept++] = environ[i];
    for (size_t i = 0; settings[i]; i++)
        all[kept++] = (char *)(uintptr_t)settings[i];
    *ret_environment = all;
    return MLEDGER_OK;
}
