/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: findings, then what is proven, hidden and not proven. */
#include <errno.h>
#include <inttypes.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/core/utf8.h"
#include "verify/program.h"

enum { SUBJECTS_SHOWN = 8 };

static const char *const severities[] = {[ML_SEVERITY_FAULT] = "fault",
                                         [ML_SEVERITY_DOUBT] = "doubt",
                                         [ML_SEVERITY_NOT_PROVEN] = "not_proven"};

static bool is_required(const struct program_request *request, const char *code)
{
    for (size_t i = 0; i < request->n_required; i++)
        if (strcmp(request->required[i], code) == 0)
            return true;
    return false;
}

/* Names come from strangers: what could move a cursor or forge a line is shown as an escape. */
static int append_shown(struct ml_buf *buf, const char *text)
{
    bool plain = ml_utf8_is_valid(ML_SPAN(text, strlen(text)));
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool control = c < 0x20 || c == 0x7f || (c >= 0x80 && !plain);
        /* U+0080 to U+009F are control characters too: C2 and 80 to 9f. */
        control |= c == 0xc2 && (unsigned char)text[1] < 0xa0;
        if (control)
            ML_TRY(ml_buf_printf(buf, "\\x%02x", c));
        else
            ML_TRY(ml_buf_append_char(buf, *text));
    }
    return MLEDGER_OK;
}

int program_take_finding(const struct ml_finding *finding, void *context)
{
    struct program_report *report = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(append_shown(&text, finding->text));
    json_t *one = json_pack("{s:s, s:s, s:s%}", "severity", severities[finding->severity], "code",
                            finding->code, "text", (const char *)text.data, text.len);
    int bad = one == NULL;
    if (finding->seq != MLEDGER_NO_SEQ)
        bad |= json_object_set_new(one, "seq", json_integer((json_int_t)finding->seq));
    if (*finding->rule)
        bad |= json_object_set_new(one, "rule", json_string(finding->rule));
    if (finding->severity == ML_SEVERITY_NOT_PROVEN &&
        is_required(report->request, finding->code)) {
        report->lacking++;
        bad |= json_object_set_new(one, "required", json_true());
    }
    bad |= json_array_append_new(report->findings, one);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

bool program_is_good(const struct program_report *report)
{
    return report->result.faults == 0 && report->lacking == 0;
}

/* ---- text ---- */

static void print_findings(const struct program_report *report, FILE *stream, const char *severity,
                           const char *word)
{
    size_t i;
    json_t *one;
    json_array_foreach(report->findings, i, one)
    {
        const json_t *seq = json_object_get(one, "seq");
        if (strcmp(json_string_value(json_object_get(one, "severity")), severity) != 0)
            continue;
        fputs(word, stream);
        if (json_is_true(json_object_get(one, "required")))
            fputs(", and required", stream);
        if (seq)
            fprintf(stream, "  #%" JSON_INTEGER_FORMAT, json_integer_value(seq));
        const json_t *rule = json_object_get(one, "rule");
        fprintf(stream, "  %s  [%s%s%s]\n", json_string_value(json_object_get(one, "text")),
                json_string_value(json_object_get(one, "code")), rule ? ": " : "",
                rule ? json_string_value(rule) : "");
    }
}

/* The subjects in scope, the first of them by name; --json names all. */
static int append_scope(const json_t *bundle, struct ml_buf *scope)
{
    const json_t *version = json_object_get(bundle, "version");
    const json_t *subjects = json_object_get(bundle, "subjects");
    size_t i, count = json_array_size(subjects);
    json_t *one;
    json_array_foreach(subjects, i, one)
    {
        if (i == SUBJECTS_SHOWN && count > SUBJECTS_SHOWN + 1)
            return ml_buf_printf(scope, ", and %zu more", count - i);
        ML_TRY(ml_buf_append_text(scope, i ? ", " : ""));
        ML_TRY(append_shown(scope, json_string_value(one)));
        if (version && strncmp(json_string_value(one), "model ", 6) == 0)
            ML_TRY(ml_buf_printf(scope, " (version %" JSON_INTEGER_FORMAT ")",
                                 json_integer_value(version)));
    }
    return MLEDGER_OK;
}

/* Single records are there for a question, if whoever made it is to be believed. */
static int print_question(const json_t *bundle, FILE *stream)
{
    const char *target = json_string_value(json_object_get(bundle, "target"));
    const char *question = json_string_value(json_object_get(bundle, "reference"));
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (!target || strcmp(target, "records") != 0)
        return MLEDGER_OK;
    ML_TRY(append_shown(&text, question ? question : "a question that it does not name"));
    fprintf(stream, "claimed the records shown were chosen to answer: %.*s\n", (int)text.len,
            (const char *)text.data);
    return MLEDGER_OK;
}

/* What the bundle is about, and what it shows of it. */
static int print_bundle(const struct program_report *report, FILE *stream)
{
    const json_t *bundle = report->bundle;
    size_t i;
    json_t *one;
    ML_CLEANUP(ml_buf_release) struct ml_buf scope = {0};
    ML_TRY(append_scope(bundle, &scope));
    ML_TRY(print_question(bundle, stream));
    if (scope.len > 0)
        fprintf(stream, "proven  no record that is tagged as about these was withheld: %.*s\n",
                (int)scope.len, (const char *)scope.data);
    fprintf(stream,
            "shown   the payloads of %" JSON_INTEGER_FORMAT " records, all trust records among "
            "them, and %" JSON_INTEGER_FORMAT " attachments: commitments, %" PRIu64
            " statements, who was allowed to do what, every rule that reads nothing hidden\n",
            json_integer_value(json_object_get(bundle, "opened")),
            json_integer_value(json_object_get(bundle, "attachments")), report->result.statements);
    json_array_foreach(json_object_get(bundle, "checkpoints"), i, one)
        fprintf(stream,
                "shown   a checkpoint of %" JSON_INTEGER_FORMAT
                " records by a log key of the ledger; others' signatures on it: "
                "%" JSON_INTEGER_FORMAT ", timestamps: %" JSON_INTEGER_FORMAT "%s\n",
                json_integer_value(json_object_get(one, "size")),
                json_integer_value(json_object_get(one, "cosignatures")),
                json_integer_value(json_object_get(one, "timestamps")),
                json_is_true(json_object_get(one, "trusted")) ? "" : "; nobody trusted signed it");
    return MLEDGER_OK;
}

static int print_timestamped(const struct ml_verify_timestamped *timestamped, FILE *stream)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf authority = {0};
    char time[ML_TIME_TEXT_SIZE];
    if (timestamped->size == 0)
        return MLEDGER_OK;
    ML_TRY(ml_time_format(timestamped->by.time_us, time));
    ML_TRY(append_shown(&authority, timestamped->by.authority));
    fprintf(stream, "proven  the first %" PRIu64 " records were there at %s, says %.*s\n",
            timestamped->size, time, (int)authority.len, (const char *)authority.data);
    return MLEDGER_OK;
}

static int print_proven(const struct program_report *report, FILE *stream)
{
    const struct ml_verify_result *result = &report->result;
    const struct ml_head *head = &result->head;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    bool open = result->hidden == 0;
    ML_TRY(append_shown(&name, head->name));
    ML_TRY(ml_buf_append_char(&name, '\0'));
    fprintf(stream,
            "proven  %" PRIu64 " records%s%s, #0 to #%" PRIu64
            ": none is missing, each links to the one before and is signed by the key that "
            "it names\n",
            result->records, *head->name ? " of ledger " : "", (const char *)name.data,
            head->size - 1);
    if (report->bundle)
        ML_TRY(print_bundle(report, stream));
    else if (open)
        fprintf(stream,
                "proven  payloads, %" PRIu64
                " statements, who was allowed to do what, rules and policies, subject "
                "tags\n",
                result->statements);
    ml_hex_encode(hex, head->identity, ML_HASH_SIZE);
    fprintf(stream, "proven  the identity is %s\n", hex);
    ml_hex_encode(hex, result->root, ML_HASH_SIZE);
    fprintf(stream, "proven  the tree over them has the root %s\n", hex);
    if (result->anchored > 0)
        fprintf(stream,
                "proven  anchored up to size %" PRIu64
                ": a checkpoint from outside is over these records\n",
                result->anchored);
    ML_TRY(print_timestamped(&result->timestamped, stream));
    if (!open)
        fprintf(stream, "hidden  the payloads of %" PRIu64 " records\n", result->hidden);
    return MLEDGER_OK;
}

static int print_text(const struct program_report *report, FILE *stream)
{
    print_findings(report, stream, severities[ML_SEVERITY_FAULT], "fault");
    print_findings(report, stream, severities[ML_SEVERITY_DOUBT], "doubt");
    bool good = program_is_good(report);
    if (good)
        ML_TRY(print_proven(report, stream));
    print_findings(report, stream, severities[ML_SEVERITY_NOT_PROVEN], "not proven");
    if (good)
        fprintf(stream, "verified: %s, %" PRIu64 " records\n", report->format,
                report->result.records);
    else
        fprintf(stream, "NOT verified: %s, %" PRIu64 " records read, %" PRIu64 " faults%s\n",
                report->format, report->result.records, report->result.faults,
                report->lacking ? ", and what is required is not proven" : "");
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int print_json(const struct program_report *report, FILE *stream)
{
    const struct ml_verify_result *result = &report->result;
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char root[ML_HEX_SIZE(ML_HASH_SIZE)];
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ml_hex_encode(identity, result->head.identity, ML_HASH_SIZE);
    ml_hex_encode(link, result->head.link, ML_HASH_SIZE);
    ml_hex_encode(root, result->root, ML_HASH_SIZE);
    json_t *json =
        json_pack("{s:b, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:O}",
                  "verified", program_is_good(report), "format", report->format, "name",
                  result->head.name, "identity", identity, "records", (json_int_t)result->records,
                  "hidden", (json_int_t)result->hidden, "link", link, "root", root, "statements",
                  (json_int_t)result->statements, "anchored", (json_int_t)result->anchored,
                  "faults", (json_int_t)result->faults, "doubts", (json_int_t)result->doubts,
                  "not_proven", (json_int_t)result->not_proven, "findings", report->findings);
    if (json && report->bundle && json_object_set(json, "bundle", report->bundle) < 0)
        json_decref(ML_TAKE(json));
    int written = json ? ml_json_dump(json, 0, &text) : ml_fail_memory();
    json_decref(json);
    ML_TRY(written);
    fwrite(text.data, 1, text.len, stream);
    fputc('\n', stream);
    return MLEDGER_OK;
}

int program_print_report(struct program_report *report, FILE *stream)
{
    if (!report->request->quiet)
        ML_TRY(report->request->json ? print_json(report, stream) : print_text(report, stream));
    if (fflush(stream) != 0 || ferror(stream))
        return ml_fail_errno(errno, "cannot write the answer");
    return MLEDGER_OK;
}
