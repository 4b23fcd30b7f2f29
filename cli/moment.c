/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/moment.h"

#include "ledger/core/time.h"
#include "ledger/query/as_of.h"

/* Of one record that is read for its time or its name. */
#define RECORD_MEMORY ((size_t)64 << 20)

static int find_moment(const struct ml_session *session, struct ml_moment *moment)
{
    const char *text = ml_option_text(session->invocation, "as-of", NULL);
    struct ml_as_of as_of = {.kind = ML_AS_OF_NOW};
    if (text)
        ML_TRY(ml_as_of_parse(text, &as_of));
    ML_TRY(ml_as_of_instant(&moment->view, &as_of, &moment->instant));
    moment->as_of = moment->instant.seq;
    return MLEDGER_OK;
}

static int describe(struct ml_moment *moment)
{
    struct ml_record record;
    ML_TRY(ml_view_record(&moment->view, 0, &moment->arena, &record));
    if (!record.event || !record.event->ledger_created)
        return ml_fail_seq(MLEDGER_EDAMAGED, 0, "record 0 does not create a ledger");
    moment->ledger = record.event->ledger_created->name;
    ML_TRY(ml_view_record(&moment->view, moment->as_of, &moment->arena, &record));
    return ml_time_format(record.header->recorded_at, moment->as_of_time);
}

int ml_moment_open(const struct ml_session *session, struct ml_moment *ret_moment)
{
    _Static_assert(sizeof ret_moment->as_of_time >= ML_TIME_TEXT_SIZE, "holds any time");
    *ret_moment = (struct ml_moment){0};
    ml_arena_init(&ret_moment->arena, RECORD_MEMORY);
    ML_TRY(ml_view_begin(session->ledger, &ret_moment->view));
    ret_moment->open = true;
    ML_TRY(find_moment(session, ret_moment));
    return describe(ret_moment);
}

void ml_moment_release(struct ml_moment *moment)
{
    if (moment->open)
        ml_view_end(&moment->view);
    ml_arena_release(&moment->arena);
}

struct ml_draw_frame ml_moment_frame(const struct ml_moment *moment, const char *query)
{
    return (struct ml_draw_frame){
        .query = query,
        .ledger = moment->ledger,
        .identity = moment->view.head.identity,
        .head_seq = moment->view.head.size - 1,
        .head_link = moment->view.head.link,
        .as_of = moment->as_of,
        .as_of_time = moment->as_of_time,
    };
}
