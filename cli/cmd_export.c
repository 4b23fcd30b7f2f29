/* SPDX-License-Identifier: Apache-2.0 */
/* Records as they stand, for keeping; and what they say, in the formats of others' tools. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/export_document.h"
#include "cli/human.h"
#include "cli/outfile.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "ledger/core/json.h"

static const char *const format_choices[] = {
    "jsonl",   "prov-json", "openlineage", "cyclonedx", "cyclonedx-1.7", "spdx3", "slsa", "in-toto",
    "graphml", "jgf",       "cytoscape",   "csv",       "mermaid",       "dot",   NULL};

struct range {
    uint64_t from, to; /* both exported */
};

static int find_range(const struct ml_invocation *invocation, const struct ml_head *head,
                      struct range *ret_range)
{
    struct range range = {
        .from = ml_option_number(invocation, "from", 0),
        .to = ml_option_number(invocation, "to", head->size - 1),
    };
    if (range.to >= head->size)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no record %" PRIu64 "; the newest is %" PRIu64,
                       range.to, head->size - 1);
    if (range.from > range.to)
        return ml_fail(MLEDGER_EUSAGE, "--from %" PRIu64 " lies after record %" PRIu64, range.from,
                       range.to);
    *ret_range = range;
    return MLEDGER_OK;
}

static int export_record(struct ml_view *view, uint64_t seq, struct ml_arena *arena,
                         struct ml_buf *line, struct ml_outfile *target)
{
    struct ml_record record;
    ml_arena_clear(arena);
    ml_buf_clear(line);
    ML_TRY(ml_view_record(view, seq, arena, &record));
    ML_TRY(ml_record_to_export_line(&record, line));
    ML_TRY(ml_buf_append_char(line, '\n'));
    return ml_outfile_write(target, ml_buf_span(line));
}

static int export_range(struct ml_view *view, const struct range *range, struct ml_outfile *target,
                        bool quiet)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    const uint64_t total = range->to - range->from + 1;
    ml_arena_init(&arena, SIZE_MAX / 2);
    ml_progress_start(&progress, "export", "records", ML_PROGRESS_COUNT, quiet);
    for (uint64_t done = 0; done < total; done++) {
        ML_TRY(export_record(view, range->from + done, &arena, &line, target));
        ml_progress_update(&progress, done + 1, total);
    }
    return ml_outfile_finish(target);
}

static int export_all(struct ml_session *session, struct ml_outfile *target)
{
    const struct ml_invocation *invocation = session->invocation;
    struct ml_view view;
    struct range range;
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = find_range(invocation, &view.head, &range);
    if (result >= 0)
        result = export_range(&view, &range, target, invocation->quiet);
    ml_view_end(&view);
    ML_TRY(result);
    char count[ML_HUMAN_SIZE];
    if (target->path && !invocation->quiet && !invocation->json)
        ml_output_line(session->out, ML_ROLE_PLAIN, "wrote %s record%s to %s",
                       ml_human_count(count, range.to - range.from + 1),
                       range.to == range.from ? "" : "s", target->path);
    return MLEDGER_OK;
}

static int export_records(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session;
    ML_CLEANUP(ml_outfile_release) struct ml_outfile target = {0};
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(ml_outfile_open(&target, ml_option_text(invocation, "output", NULL), out));
    return export_all(&session, &target);
}

/* Options that mean nothing for the format that is asked for. */
static int check_options(const struct ml_invocation *invocation, const char *format,
                         const char *const *names)
{
    for (; *names; names++)
        if (ml_option_given(invocation, *names))
            return ml_fail(MLEDGER_EUSAGE, "--%s is not for --format %s", *names, format);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const char *const of_records[] = {"from", "to", NULL};
    static const char *const of_documents[] = {"as-of",           "up",          "down",  "depth",
                                               "no-same-content", "no-inferred", "table", "post",
                                               "post-from",       "sign",        "key",   NULL};
    const char *name = ml_option_text(invocation, "format", "jsonl");
    const struct ml_export_format *format = ml_export_format(name);
    ML_TRY(check_options(invocation, name, format ? of_records : of_documents));
    if (format)
        return ml_export_document(invocation, format, out);
    if (ml_argument_count(invocation, "REF") == 0)
        return export_records(invocation, out);
    ml_fail(MLEDGER_EUSAGE, "jsonl is of records, by --from and --to; '%s' is none",
            ml_argument(invocation, "REF"));
    return ml_hint("mledger bundle REF -o FILE writes the records about something");
}

const struct ml_command ml_command_export = {
    .name = "export",
    .summary = "Write records out, or what they say, in others' formats",
    .description =
        (const char *const[]){
            "jsonl, the default: a line for each record, with the signed header as a DSSE envelope "
            "and the payload's parts in base64, exactly as they were hashed and signed. "
            "Attachments are not in it.",
            "All other formats are of the lineage of REF..., or of the whole ledger, with what the "
            "records say of it: prov-json (W3C PROV), openlineage (events, one a line), cyclonedx "
            "(1.6) and cyclonedx-1.7, spdx3, slsa and in-toto (statements, one a line), graphml, "
            "jgf (JSON Graph Format), cytoscape, csv, mermaid, dot. Each object in them names its "
            "record, so that whoever doubts it can look there; the document itself is not signed "
            "unless --sign wraps it. The same records give the same bytes.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF", .min = 0, .max = ML_ANY_NUMBER, .rule = {.kind = ML_VALUE_REF}},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "format",
             .value = "FORMAT",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = format_choices},
             .help = "The format. By default jsonl."},
            {.name = "from",
             .value = "SEQ",
             .rule = {.kind = ML_VALUE_NUMBER},
             .help = "Of jsonl: begin with this record instead of the first."},
            {.name = "to",
             .value = "SEQ",
             .rule = {.kind = ML_VALUE_NUMBER},
             .help = "Of jsonl: end with this record instead of the newest."},
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write to this file, which is put in its place once it is whole."},
            ML_EXPORT_OPTIONS_DOCUMENT,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger export -o ledger.jsonl", "All records, for mledger-verify and for keeping."},
            {"mledger export --format prov-json churn/3", "Where version 3 came from, as PROV."},
            {"mledger export --format in-toto churn/3 --sign -o churn-3.intoto.jsonl",
             "Signed statements about version 3, for others' tools."},
            {"mledger export --format openlineage --post http://localhost:5000/api/v1/lineage",
             "All events to Marquez."},
            {0}},
    .topic = ML_TOPIC_IMPORT,
    .run = run,
};
