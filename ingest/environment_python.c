/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/environment_python.h"

#include "ingest/probe.h"

enum { OUTPUT_MAX = 8 << 20 };

/* Without the current directory on its path: a json.py that lies there is not to be run. Its
 * answer is in ASCII, so no locale matters. */
static const char script[] =
    "import sys\n"
    "sys.path[:] = [p for p in sys.path if p]\n"
    "import json, platform\n"
    "from importlib import metadata\n"
    "found = set()\n"
    "for d in metadata.distributions():\n"
    "    name, version = d.metadata['Name'], d.version\n"
    "    if name and version:\n"
    "        found.add((str(name), str(version)))\n"
    "print(json.dumps({'implementation': platform.python_implementation(),\n"
    "                  'version': platform.python_version(),\n"
    "                  'packages': sorted(found, key=lambda p: (p[0].lower(), p))}))\n";

static void decrefp(json_t **json)
{
    json_decref(*json);
}

static bool is_answer(const json_t *json)
{
    return json_is_string(json_object_get(json, "version")) &&
           json_is_string(json_object_get(json, "implementation")) &&
           json_is_array(json_object_get(json, "packages")) && json_object_size(json) == 3;
}

/* That there is one which cannot be asked is told too. */
static int tell_error(json_t **ret_python)
{
    *ret_python = json_pack("{s:s}", "error", mledger_error_text());
    return *ret_python ? MLEDGER_OK : ml_fail_memory();
}

int ml_environment_python(const struct ml_environment_options *options, json_t **ret_python)
{
    const char *const words[] = {options->python, "-B", "-c", script, NULL};
    ML_CLEANUP(ml_buf_release) struct ml_buf output = {0};
    const struct ml_probe_limits limits = {.bytes = OUTPUT_MAX, .ms = options->python_ms};
    const int result = ml_probe_run(words, options->envp, &limits, &output);
    *ret_python = NULL;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    if (result < 0)
        return tell_error(ret_python);
    ML_CLEANUP(decrefp)
    json_t *answer =
        json_loadb((const char *)output.data, output.len, JSON_REJECT_DUPLICATES, NULL);
    if (!is_answer(answer)) {
        ml_set_error(MLEDGER_ESYSTEM, MLEDGER_NO_SEQ, "'%s' answered with something else",
                     options->python);
        return tell_error(ret_python);
    }
    *ret_python = ML_TAKE(answer);
    return MLEDGER_OK;
}
