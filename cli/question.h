/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question, from the command line to the end of its answer: the ledger, the moment it is asked
 * of, the form of the answer and where it goes, and what the answer rests on.
 *
 *     static int run(const struct ml_invocation *invocation, struct ml_output *out)
 *     {
 *         ML_CLEANUP(ml_question_release) struct ml_question question;
 *         ML_TRY(ml_question_open(invocation, formats, out, &question));
 *         … ask with &question.reader; ml_basis_add(&question.basis, seq) …
 *         if (question.answer.format == ML_ANSWER_JSON)
 *             return ml_question_finish_json(&question, json);
 *         … write text to question.answer.out …
 *         return ml_question_finish(&question);
 *     }
 *
 * What an answer ends with: cli/basis.h.
 */
#ifndef ML_CLI_QUESTION_H
#define ML_CLI_QUESTION_H

#include "cli/answer.h"
#include "cli/basis.h"
#include "cli/evidence_file.h"
#include "ledger/query/lineage.h"
#include "ledger/query/reader.h"

/* What the table of every question holds. An option that every answer takes is added here. */
#define ML_OPTIONS_QUESTION ML_OPTION_AS_OF, ML_OPTION_OUTPUT, ML_OPTION_EVIDENCE

#define ML_OPTION_FORMAT(words)                                                                    \
    {                                                                                              \
        .name = "format", .value = "FORMAT",                                                       \
        .rule = {.kind = ML_VALUE_CHOICE, .choices = (words)},                                     \
        .help = "The form of the answer. By default text."                                         \
    }

/* Of those that draw a lineage. */
#define ML_OPTION_MAX_NODES                                                                        \
    {                                                                                              \
        .name = "max-nodes", .value = "N",                                                         \
        .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = ML_LINEAGE_NODES_MAX},               \
        .help = "Fold a picture until it has at most this many nodes (by default 150)."            \
    }

struct ml_question {
    struct ml_session session;
    struct ml_moment moment;
    struct ml_answer answer;
    struct ml_reader reader; /* of the moment's view, up to moment.as_of */
    struct ml_basis basis;
};

/* `formats`: as ml_answer_open(), ended by NULL. The table of the command has ML_OPTIONS_QUESTION
 * and ML_OPTION_FORMAT(formats). Initialises *ret_question in any case, to be released. Errors as
 * ml_answer_open(), ml_session_open() and ml_moment_open(). */
int ml_question_open(const struct ml_invocation *invocation, const char *const *formats,
                     struct ml_output *out, struct ml_question *ret_question) ML_MUST_USE;
void ml_question_release(struct ml_question *question);

/* Ends an answer in text or a picture: what it rests on is written below text. Then the answer is
 * put in its place, and --evidence written. Errors as ml_basis_verified(), of reading the records
 * used, of ml_evidence_of_answer() and of ml_answer_finish(). */
int ml_question_finish(struct ml_question *question) ML_MUST_USE;
/* Finds what was recorded later and bears on the answer, for question->basis.corrections. An answer
 * that tells of it itself calls this when it is whole; those below call it, too, all but _bare().
 * Errors as ml_basis_correct(). */
int ml_question_correct(struct ml_question *question) ML_MUST_USE;
/* Ends an answer in another form that says itself what it rests on: nothing is written below it. */
int ml_question_finish_bare(struct ml_question *question) ML_MUST_USE;
/* Adds "basis" to `json`, an object, writes it and puts the answer in its place. Does not take
 * `json` over. Errors as above. */
int ml_question_finish_json(struct ml_question *question, json_t *json) ML_MUST_USE;

#endif
