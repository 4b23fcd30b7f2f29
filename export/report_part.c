/* SPDX-License-Identifier: Apache-2.0 */
#include "export/report_part.h"

#include "ledger/core/event.h"
#include "ledger/core/time.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/record_text.h"
#include "ledger/query/standing.h"

/* A claimed time this near to the recorded one is the same. */
#define SAME_TIME_US INT64_C(1000000)

static int add_buf(struct report *report, struct ml_buf *text)
{
    ML_TRY(ml_buf_append_char(text, '\0'));
    ml_paper_text(report->paper, (const char *)text->data);
    return MLEDGER_OK;
}

struct ml_draw_frame report_frame(const struct report *report, const char *query)
{
    const struct ml_head *head = &report->view->head;
    return (struct ml_draw_frame){
        .query = query,
        .ledger = head->name,
        .identity = head->identity,
        .head_seq = head->size - 1,
        .head_link = head->link,
        .as_of = report->dossier->reader.as_of,
        .as_of_time = report->as_of_time,
    };
}

void report_picture(struct report *report, int result, const char *key, const char *title,
                    const struct ml_buf *svg)
{
    if (result >= 0) {
        ml_paper_picture(report->paper, key, title, ml_buf_span(svg));
        return;
    }
    ml_paper_note(report->paper, ML_PAPER_WARN, "There is no picture: %s.", mledger_error_text());
    ml_error_clear();
}

/* The printed name that the record creating the actor gives; NULL: none, or erased. */
static int printed_name(struct report *report, uint64_t actor, const char **ret_name)
{
    const struct ml_record *record;
    *ret_name = NULL;
    ML_TRY(ml_reader_record(&report->dossier->reader, actor, &record));
    if (record->details)
        *ret_name = record->details->person;
    return MLEDGER_OK;
}

int report_actor(struct report *report, uint64_t actor)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *name;
    if (actor == MLEDGER_NO_SEQ) {
        ml_paper_line(report->paper, ML_PAPER_QUIET, "unknown");
        return MLEDGER_OK;
    }
    ML_TRY(printed_name(report, actor, &name));
    ML_TRY(ml_subject_text(report->view, actor, &text));
    if (name)
        ML_TRY(ml_buf_printf(&text, " (%s)", name));
    ML_TRY(add_buf(report, &text));
    ml_paper_seq(report->paper, actor);
    return MLEDGER_OK;
}

int report_who(struct report *report, const struct ml_record *record)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_record_who(report->view, record, &text));
    ML_TRY(add_buf(report, &text));
    report_import(report, record);
    return MLEDGER_OK;
}

void report_import(struct report *report, const struct ml_record *record)
{
    if (record->event->has_imported_from)
        ml_paper_line(report->paper, ML_PAPER_QUIET, "imported from %s",
                      ml_source_text(record->event->imported_from));
}

/* "stage transitioned": the name of the event's kind as people write it. */
static int append_kind(const struct ml_record *record, struct ml_buf *text)
{
    const char *kind = ml_event_name(record->event);
    for (const char *at = kind ? kind : "an event that is not known here"; *at; at++)
        ML_TRY(ml_buf_append_char(text, *at == '_' ? ' ' : *at));
    return MLEDGER_OK;
}

static int append_told(struct ml_buf *text, const char *before, const struct ml_buf *told)
{
    if (told->len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_text(text, before));
    return ml_buf_append(text, told->data, told->len);
}

int report_what(struct report *report, const struct ml_record *record)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf subject = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf summary = {0};
    ML_TRY(append_kind(record, &text));
    ML_TRY(ml_record_subject(report->view, record, &subject));
    ML_TRY(ml_record_summary(report->view, record, &summary));
    ML_TRY(append_told(&text, ": ", &subject));
    ML_TRY(append_told(&text, subject.len ? ", " : ": ", &summary));
    return add_buf(report, &text);
}

/* "2026-03-01T14:32:00Z" as the page shows times. */
void report_claimed(struct report *report, int64_t time_us)
{
    enum { DATE = 10, SECONDS = 19 };
    char text[ML_TIME_TEXT_SIZE];
    if (ml_time_format(time_us, text) < 0)
        ml_paper_line(report->paper, ML_PAPER_WARN, "claimed: a time that no calendar has");
    else
        ml_paper_line(report->paper, ML_PAPER_QUIET, "claimed: %.*s %.*s UTC", DATE, text,
                      SECONDS - DATE - 1, text + DATE + 1);
}

void report_when(struct report *report, const struct ml_record *record)
{
    const Mledger__Details *details = record->details;
    int64_t recorded = record->header->recorded_at;
    ml_paper_time(report->paper, recorded);
    if (!details || !details->has_occurred_at)
        return;
    int64_t apart = recorded - details->occurred_at;
    if (apart > SAME_TIME_US || apart < -SAME_TIME_US)
        report_claimed(report, details->occurred_at);
}

void report_digests(struct report *report, Mledger__Digest *const *digests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(digests[i], 0, text);
        ml_paper_code(report->paper, "%s %s", text,
                      digests[i]->standing == MLEDGER__STANDING__SEEN ? "seen" : "claimed");
    }
}

int report_why(struct report *report, const struct ml_record *record)
{
    const Mledger__Details *details = record->details;
    uint64_t by;
    if (record->details_erased) {
        ML_TRY(ml_record_erased_by(report->view, record, &by));
        ml_paper_line(report->paper, ML_PAPER_WARN, "erased");
        ml_paper_seq(report->paper, by);
        return MLEDGER_OK;
    }
    if (!details)
        return MLEDGER_OK;
    ml_paper_text(report->paper, details->reason);
    ml_paper_text(report->paper, details->title);
    ml_paper_text(report->paper, details->description);
    return MLEDGER_OK;
}

void report_dossier_text(struct report *report, const struct ml_dossier_text *text)
{
    if (text->seq == MLEDGER_NO_SEQ || (!text->text && text->erased_by == MLEDGER_NO_SEQ))
        return;
    ml_paper_text(report->paper, text->text);
    if (text->text) {
        ml_paper_seq(report->paper, text->seq);
        return;
    }
    ml_paper_line(report->paper, ML_PAPER_WARN, "erased");
    ml_paper_seq(report->paper, text->erased_by);
}

const struct ml_record *report_next(const struct report *report, Mledger__Event__KindCase kind,
                                    size_t *at)
{
    const struct ml_dossier *dossier = report->dossier;
    while (*at < dossier->n_history) {
        const struct ml_record *record = dossier->history[(*at)++];
        if (record->event->kind_case == kind)
            return record;
    }
    return NULL;
}

const char *report_meaning_word(Mledger__Meaning meaning)
{
    static const char *const words[] = {
        [MLEDGER__MEANING__AUTHORED] = "authored",     [MLEDGER__MEANING__REVIEWED] = "reviewed",
        [MLEDGER__MEANING__APPROVED] = "approved",     [MLEDGER__MEANING__REQUESTED] = "requested",
        [MLEDGER__MEANING__POSSESSION] = "possession",
    };
    return (size_t)meaning < ML_COUNT(words) && words[meaning] ? words[meaning] : "unknown";
}

const char *report_meaning_sentence(Mledger__Meaning meaning)
{
    static const char *const sentences[] = {
        [MLEDGER__MEANING__AUTHORED] = "I did, or decided, what this record says.",
        [MLEDGER__MEANING__REVIEWED] = "I have examined what this record says.",
        [MLEDGER__MEANING__APPROVED] = "I approve what this record says.",
        [MLEDGER__MEANING__REQUESTED] = "I ask for what this record says.",
        [MLEDGER__MEANING__POSSESSION] = "I hold this key.",
    };
    return (size_t)meaning < ML_COUNT(sentences) && sentences[meaning]
               ? sentences[meaning]
               : "This program does not know this meaning.";
}
