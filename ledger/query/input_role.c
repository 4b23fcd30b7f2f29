/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/input_role.h"

#include <stddef.h>
#include <strings.h>

enum ml_input_role ml_input_role(const char *role)
{
    static const struct {
        const char *word;
        enum ml_input_role role;
    } words[] = {
        {"", ML_INPUT_TRAINING},         {"training", ML_INPUT_TRAINING},
        {"train", ML_INPUT_TRAINING},    {"test", ML_INPUT_HELD_OUT},
        {"testing", ML_INPUT_HELD_OUT},  {"validation", ML_INPUT_HELD_OUT},
        {"validate", ML_INPUT_HELD_OUT}, {"valid", ML_INPUT_HELD_OUT},
        {"val", ML_INPUT_HELD_OUT},      {"holdout", ML_INPUT_HELD_OUT},
        {"hold-out", ML_INPUT_HELD_OUT}, {"evaluation", ML_INPUT_HELD_OUT},
        {"eval", ML_INPUT_HELD_OUT},
    };
    for (size_t i = 0; role && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(words[i].word, role) == 0)
            return words[i].role;
    return role ? ML_INPUT_OTHER : ML_INPUT_TRAINING;
}
