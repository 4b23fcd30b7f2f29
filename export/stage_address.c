/* SPDX-License-Identifier: Apache-2.0 */
#include "export/stage_address.h"

#define STAGES_OF "dvc.yaml:"

/* The item of a foreach may hold anything, also a '/' or another address: the first one counts. */
static const char *stages_of(const char *address)
{
    const char *found = strstr(address, STAGES_OF);
    while (found && found != address && found[-1] != '/')
        found = strstr(found + 1, STAGES_OF);
    return found;
}

const char *ml_stage_name(const char *address)
{
    const char *file = stages_of(address), *at = strchr(address, '@'), *name = address;
    if (file)
        return file + strlen(STAGES_OF);
    const char *end = strrchr(address, '.');
    bool tracked = end && strcmp(end, ".dvc") == 0; /* a path; an '@' in it means nothing */
    for (const char *slash = strchr(address, '/'); slash; slash = strchr(slash + 1, '/'))
        if (tracked || !at || slash < at)
            name = slash + 1;
    return name;
}

struct ml_span ml_stage_folder(const char *address)
{
    const char *end = stages_of(address);
    if (!end)
        end = ml_stage_name(address);
    size_t len = (size_t)(end - address);
    return ML_SPAN(address, len ? len - 1 : 0);
}
