/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/path_pattern.h"

/* The segment at *at, which is moved to the next one. */
static struct ml_span next_segment(const char **at)
{
    const size_t len = strcspn(*at, "/");
    const struct ml_span segment = ML_SPAN(*at, len);
    *at += len + ((*at)[len] == '/');
    return segment;
}

static bool is_variable(struct ml_span segment)
{
    return segment.len > 2 && segment.data[0] == '{';
}

static void add(struct ml_path_variables *variables, struct ml_span name, struct ml_span value)
{
    assert(variables->count < ML_PATH_VARIABLES);
    variables->list[variables->count++] = (struct ml_path_variable){name, value};
}

bool ml_path_matches(const char *pattern, const char *path, struct ml_path_variables *ret_variables)
{
    ret_variables->count = 0;
    while (*pattern && *path) {
        const struct ml_span wanted = next_segment(&pattern);
        if (is_variable(wanted) && wanted.data[1] == '+') {
            add(ret_variables, ML_SPAN(wanted.data + 2, wanted.len - 3),
                ML_SPAN(path, strlen(path)));
            return true;
        }
        const struct ml_span segment = next_segment(&path);
        if (is_variable(wanted) && segment.len > 0)
            add(ret_variables, ML_SPAN(wanted.data + 1, wanted.len - 2), segment);
        else if (!ml_span_equal(wanted, segment))
            return false;
    }
    return !*pattern && !*path;
}
