/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/question.h"

int ml_question_open(const struct ml_invocation *invocation, const char *const *formats,
                     struct ml_output *out, struct ml_question *ret_question)
{
    *ret_question = (struct ml_question){0};
    ML_TRY(ml_answer_open(invocation, formats, out, &ret_question->answer));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &ret_question->session));
    ML_TRY(ml_moment_open(&ret_question->session, &ret_question->moment));
    ml_reader_init(&ret_question->reader, &ret_question->moment.view, ret_question->moment.as_of);
    return MLEDGER_OK;
}

void ml_question_release(struct ml_question *question)
{
    ml_basis_release(&question->basis);
    ml_reader_release(&question->reader);
    ml_moment_release(&question->moment);
    ml_session_release(&question->session);
    ml_answer_release(&question->answer);
}

/* The evidence comes before the answer is put in its place, so that there is none without it. */
static int finish(struct ml_question *question)
{
    const struct ml_invocation *invocation = question->session.invocation;
    const char *evidence = ml_option_text(invocation, "evidence", NULL);
    ML_TRY(ml_evidence_of_answer(invocation, &question->moment.view, &question->basis,
                                 question->session.known_dir));
    if (evidence && question->answer.format == ML_ANSWER_TEXT)
        ml_output_line(question->answer.out, ML_ROLE_PLAIN,
                       "the records used are in %s: mledger-verify %s", evidence, evidence);
    return ml_answer_finish(&question->answer);
}

int ml_question_correct(struct ml_question *question)
{
    return ml_basis_correct(&question->basis, &question->reader, &question->moment.instant);
}

int ml_question_finish(struct ml_question *question)
{
    ML_TRY(ml_question_correct(question));
    if (question->answer.format != ML_ANSWER_TEXT && question->answer.format != ML_ANSWER_HTML)
        ML_TRY(ml_corrections_note(&question->basis.corrections, question->session.invocation,
                                   "--format text and --json")); /* a page tells itself */
    if (question->answer.format == ML_ANSWER_TEXT)
        ML_TRY(ml_basis_print(&question->basis, &question->moment, question->session.known_dir,
                              question->answer.out));
    return finish(question);
}

int ml_question_finish_json(struct ml_question *question, json_t *json)
{
    ML_TRY(ml_question_correct(question));
    ML_TRY(
        ml_basis_put_json(&question->basis, &question->moment, question->session.known_dir, json));
    ml_output_json(question->answer.out, json);
    return finish(question);
}

int ml_question_finish_bare(struct ml_question *question)
{
    ML_TRY(ml_evidence_of_answer(question->session.invocation, &question->moment.view,
                                 &question->basis, question->session.known_dir));
    return ml_answer_finish(&question->answer);
}
