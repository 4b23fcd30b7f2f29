/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question that a server answers, with the JSON that the command gives of a ledger at hand: its
 * word, that is, which nothing proves.
 */
#ifndef ML_CLI_REMOTE_QUESTION_H
#define ML_CLI_REMOTE_QUESTION_H

#include "cli/answer.h"
#include "cli/remote.h"

enum ml_remote_word_kind {
    ML_REMOTE_ARGUMENT, /* of the command */
    ML_REMOTE_KEYS,     /* the same, where one may name a key: "key:NAME" */
    ML_REMOTE_OPTION,   /* with a value */
    ML_REMOTE_FLAG,     /* true if it is given, … */
    ML_REMOTE_NOT,      /* … and false */
    ML_REMOTE_IMPLIED,  /* an option that is what the server takes for granted */
};

/* How the server calls what the command line says. */
struct ml_remote_word {
    enum ml_remote_word_kind kind;
    const char *word; /* NULL ends a table */
    const char *name;
};
#define ML_REMOTE_AS_OF                                                                            \
    {                                                                                              \
        ML_REMOTE_OPTION, "as-of", "as_of"                                                         \
    }

struct ml_remote_question {
    const char *path;                   /* below the API's prefix */
    const struct ml_remote_word *words; /* all that the server understands */
    const char *const *formats;         /* of the command: as ml_answer_open() */
    const char *verdict;                /* in the answer: where this is false, or an empty list, the
                                           answer is no; NULL: it never is */
};

/* Asks, and puts the answer in its place. ML_ANSWER_NO as the question says. MLEDGER_EUSAGE:
 * another form than JSON is wanted, or an option is given that a server does not understand. Errors
 * also as ml_remote_open() and ml_api_get(). */
int ml_remote_question(const struct ml_invocation *invocation,
                       const struct ml_remote_question *question,
                       struct ml_output *out) ML_MUST_USE;

/* The parts of it, for who answers in other forms: refuses options that `words` do not have, and
 * asks. */
int ml_remote_ask_words(struct ml_remote *remote, const struct ml_remote_word *words,
                        struct ml_api_ask *ask) ML_MUST_USE;

#endif
