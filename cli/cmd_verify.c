/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the verifier and tells what it found. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/ledger_dir.h"
#include "cli/outsiders.h"
#include "cli/progress.h"
#include "cli/verify_given.h"
#include "cli/verify_record.h"
#include "cli/verify_report.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/store/known_head.h"
#include "verify/verify_child.h"

enum { SHOWN_MAX = 40, REQUIRED_MAX = 32, CODE_MAX = 64 };

struct verify {
    const struct ml_invocation *invocation;
    struct ml_output *out;
    char *dir, *known_dir;
    struct ml_progress progress;
    struct ml_verify_given given;
    const char *tiles;    /* where they are; NULL: it is a ledger that is verified */
    const char *required; /* "anchor,…", NULL: nothing */
    uint64_t shown, hidden;
    uint64_t lacking;     /* not proven though required */
    uint64_t recorded;    /* the record of this verification, MLEDGER_NO_SEQ */
    bool json, keeps_all; /* --json, or a report or a record is to be made */
    struct ml_outsiders outsiders;
    json_t *findings; /* all, or those to be printed last: what is not proven */
};

static bool is_required(const struct verify *verify, const char *code)
{
    size_t code_len = strlen(code);
    for (const char *at = verify->required; at && *at;) {
        size_t len = strcspn(at, ",");
        if (len == code_len && memcmp(at, code, len) == 0)
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

static int keep_json(struct verify *verify, const struct ml_finding *finding)
{
    static const char *const words[] = {[ML_SEVERITY_FAULT] = "fault",
                                        [ML_SEVERITY_DOUBT] = "doubt",
                                        [ML_SEVERITY_NOT_PROVEN] = "not_proven"};
    json_t *one = json_pack("{s:s, s:s, s:s}", "severity", words[finding->severity], "code",
                            finding->code, "text", finding->text);
    int bad = one == NULL;
    if (finding->seq != MLEDGER_NO_SEQ)
        bad |= json_object_set_new(one, "seq", json_integer((json_int_t)finding->seq));
    if (*finding->rule)
        bad |= json_object_set_new(one, "rule", json_string(finding->rule));
    if (finding->severity == ML_SEVERITY_NOT_PROVEN && is_required(verify, finding->code))
        bad |= json_object_set_new(one, "required", json_true());
    bad |= json_array_append_new(verify->findings, one);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

static void print_finding(struct verify *verify, const struct ml_finding *finding)
{
    struct ml_output *out = verify->out;
    bool fault = finding->severity == ML_SEVERITY_FAULT;
    ml_progress_finish(&verify->progress);
    ml_output_text(out, fault ? ML_ROLE_BAD : ML_ROLE_WARN, fault ? "fault" : "doubt");
    if (finding->seq != MLEDGER_NO_SEQ)
        ml_output_text(out, ML_ROLE_EMPHASIS, "  #%" PRIu64, finding->seq);
    ml_output_text(out, ML_ROLE_PLAIN, "  %s", finding->text);
    ml_output_line(out, ML_ROLE_DIM, "  [%s%s%s]", finding->code, *finding->rule ? ": " : "",
                   finding->rule);
}

static void print_not_proven(const struct verify *verify)
{
    struct ml_output *out = verify->out;
    size_t i;
    json_t *one;
    json_array_foreach(verify->findings, i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "severity")), "not_proven") != 0)
            continue;
        const json_t *seq = json_object_get(one, "seq");
        bool required = json_is_true(json_object_get(one, "required"));
        ml_output_text(out, required ? ML_ROLE_BAD : ML_ROLE_WARN,
                       required ? "not proven, and required" : "not proven");
        if (seq)
            ml_output_text(out, ML_ROLE_EMPHASIS, "  #%" JSON_INTEGER_FORMAT,
                           json_integer_value(seq));
        ml_output_text(out, ML_ROLE_PLAIN, "  %s", json_string_value(json_object_get(one, "text")));
        ml_output_line(out, ML_ROLE_DIM, "  [%s]", json_string_value(json_object_get(one, "code")));
    }
}

static int take_finding(const struct ml_finding *finding, void *context)
{
    struct verify *verify = context;
    bool required =
        finding->severity == ML_SEVERITY_NOT_PROVEN && is_required(verify, finding->code);
    verify->lacking += required;
    if (verify->keeps_all || finding->severity == ML_SEVERITY_NOT_PROVEN)
        ML_TRY(keep_json(verify, finding));
    if (verify->json || finding->severity == ML_SEVERITY_NOT_PROVEN)
        return MLEDGER_OK;
    if (verify->shown >= SHOWN_MAX) {
        verify->hidden++;
        return MLEDGER_OK;
    }
    verify->shown++;
    print_finding(verify, finding);
    return ml_output_check(verify->out);
}

static int take_progress(uint64_t done, uint64_t total, void *context)
{
    ml_progress_update(context, done, total);
    return MLEDGER_OK;
}

static int check_required(const struct verify *verify)
{
    for (const char *at = verify->required; at; at = *at == ',' ? at + 1 : NULL) {
        size_t len = strcspn(at, ",");
        if (len == 0 || len > CODE_MAX || strspn(at, "abcdefghijklmnopqrstuvwxyz-") < len)
            return ml_fail(MLEDGER_EUSAGE, "--require names codes of findings, such as anchor");
        at += len;
    }
    return MLEDGER_OK;
}

/* The root is that of the full level; tiles are no ledger to record in. */
static int check_together(const struct verify *verify)
{
    const struct ml_invocation *invocation = verify->invocation;
    bool chain = ml_option_choice(invocation, "level", 1) == 0;
    bool anchors =
        ml_option_given(invocation, "against") || ml_option_given(invocation, "witness-policy");
    if ((chain || verify->tiles) && ml_option_given(invocation, "since"))
        return ml_fail(MLEDGER_EUSAGE, "--since is for a ledger, at the full level");
    if (chain && (anchors || verify->tiles))
        return ml_fail(MLEDGER_EUSAGE, "%s needs the full level",
                       verify->tiles ? "--tiles" : "--against and --witness-policy");
    if (verify->tiles && ml_option_given(invocation, "record"))
        return ml_fail(MLEDGER_EUSAGE, "tiles are no ledger to record in: --record is for one");
    return MLEDGER_OK;
}

static int print_json(struct verify *verify, const struct ml_verify_result *result, bool good)
{
    char link[ML_HEX_SIZE(ML_HASH_SIZE)], root[ML_HEX_SIZE(ML_HASH_SIZE)];
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(link, result->head.link, ML_HASH_SIZE);
    ml_hex_encode(identity, result->head.identity, ML_HASH_SIZE);
    ml_hex_encode(root, result->root, ML_HASH_SIZE);
    json_t *json = json_pack(
        "{s:b, s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:O}", "verified", good,
        "name", result->head.name, "identity", identity, "records",
        (json_int_t)result->since + (json_int_t)result->records, "link", link, "root", root,
        "statements", (json_int_t)result->statements, "faults", (json_int_t)result->faults,
        "doubts", (json_int_t)result->doubts, "not_proven", (json_int_t)result->not_proven,
        "known_head_matches", result->known, "anchored", (json_int_t)result->anchored, "since",
        (json_int_t)result->since, "findings", verify->findings);
    int bad = json == NULL;
    if (verify->recorded != MLEDGER_NO_SEQ)
        bad |= json_object_set_new(json, "recorded", json_integer((json_int_t)verify->recorded));
    int outsiders = bad ? ml_fail_memory() : ml_outsiders_to_json(result, json);
    if (outsiders >= 0)
        ml_output_json(verify->out, json);
    json_decref(json);
    return outsiders;
}

static void print_verdict(struct verify *verify, const struct ml_verify_result *result, bool good,
                          bool full)
{
    struct ml_output *out = verify->out;
    char records[ML_HUMAN_SIZE], number[ML_HUMAN_SIZE], link[ML_HEX_SIZE(8)];
    const uint64_t all = result->since + result->records;
    ml_hex_encode(link, result->head.link, 8);
    if (verify->hidden)
        ml_output_line(out, ML_ROLE_WARN, "and %s more; --json lists all",
                       ml_human_count(number, verify->hidden));
    ml_human_count(records, all);
    if (!good) {
        ml_output_text(out, ML_ROLE_BAD, "NOT verified");
        ml_output_line(out, ML_ROLE_PLAIN, ": %s record%s read, %s fault%s%s", records,
                       all == 1 ? "" : "s", ml_human_count(number, result->faults),
                       result->faults == 1 ? "" : "s",
                       verify->lacking ? ", and what is required is not proven" : "");
        return;
    }
    ml_output_text(out, ML_ROLE_GOOD, full ? "verified" : "chain verified");
    if (*result->head.name)
        ml_output_text(out, ML_ROLE_PLAIN, ": ledger %s, ", result->head.name);
    else
        ml_output_text(out, ML_ROLE_PLAIN, ": "); /* the name stands in a payload */
    ml_output_text(out, ML_ROLE_PLAIN, "%s record%s", records, all == 1 ? "" : "s");
    if (full && result->statements)
        ml_output_text(out, ML_ROLE_PLAIN, ", %s statement%s",
                       ml_human_count(number, result->statements),
                       result->statements == 1 ? "" : "s");
    ml_output_line(out, ML_ROLE_DIM, ", head #%" PRIu64 " link %s%s", result->head.size - 1, link,
                   out->utf8 ? "\u2026" : "...");
    if (result->since)
        ml_output_line(out, ML_ROLE_PLAIN, "read since size %s, which was verified before",
                       ml_human_count(number, result->since));
    if (result->refolded)
        ml_output_line(out, ML_ROLE_WARN,
                       "all was read: nothing that was verified before is there to go on from");
    if (result->anchored)
        ml_output_line(out, ML_ROLE_GOOD, "anchored up to size %s",
                       ml_human_count(number, result->anchored));
    if (result->doubts)
        ml_output_line(out, ML_ROLE_WARN, "%s record%s in doubt",
                       ml_human_count(number, result->doubts), result->doubts == 1 ? "" : "s");
}

static int note_head(const struct verify *verify, const struct ml_verify_result *result)
{
    struct ml_known_head known = {.size = result->head.size};
    memcpy(known.link, result->head.link, ML_HASH_SIZE);
    if (!result->remembered)
        return ml_known_head_write(verify->known_dir, result->head.identity, &known);
    struct ml_known_verified verified = {.size = result->head.size};
    memcpy(verified.link, result->head.link, ML_HASH_SIZE);
    memcpy(verified.root, result->root, ML_HASH_SIZE);
    memcpy(verified.state, result->state, ML_HASH_SIZE);
    return ml_known_verified_write(verify->known_dir, result->head.identity, &verified);
}

/* Of a ledger without a fault each checkpoint that was given holds, and a log key of it has signed
 * it: so it was seen here as much as one that was made here. */
static int note_checkpoints(const struct verify *verify, const struct ml_verify_result *result)
{
    const struct ml_verify_anchors *anchors = &verify->given.anchors;
    for (size_t i = 0; i < anchors->n_notes; i++)
        ML_TRY(ml_known_checkpoint_write(verify->known_dir, result->head.identity,
                                         anchors->notes[i].bytes));
    return MLEDGER_OK;
}

static int carry_through(struct verify *verify, struct ml_verify_result *ret_result, bool full)
{
    const struct ml_invocation *invocation = verify->invocation;
    struct ml_verify_options options = {
        .level = full ? ML_VERIFY_FULL : ML_VERIFY_CHAIN,
        .memory = (size_t)ml_option_number(invocation, "memory", 0),
        .visit = take_finding,
        .visit_context = verify,
        .progress = take_progress,
        .progress_context = &verify->progress,
        .now_us = ml_time_now_us(),
        .anchors = &verify->given.anchors,
        .since = ml_option_given(invocation, "since") && !ml_option_given(invocation, "refold"),
        .remember = full,
    };
    ml_outsiders_use(&verify->outsiders, &verify->given.anchors, &options);
    ml_progress_start(&verify->progress, "verify", "records", ML_PROGRESS_COUNT, invocation->quiet);
    int result = verify->tiles ? ml_verify_tiles_at(verify->tiles, &options, ret_result)
                               : ml_verify_confined(verify->dir, verify->known_dir, &options,
                                                    ml_option_number(invocation, "stall", 0) * 1000,
                                                    ret_result);
    ml_progress_finish(&verify->progress);
    return result;
}

static void verify_release(struct verify *verify)
{
    json_decref(verify->findings);
    ml_verify_given_release(&verify->given);
    ml_outsiders_release(&verify->outsiders);
    free(verify->dir);
    free(verify->known_dir);
}

static int write_reports(const struct verify *verify, const struct ml_verify_result *result,
                         bool good, bool full)
{
    const char *junit = ml_option_text(verify->invocation, "junit", NULL);
    const char *sarif = ml_option_text(verify->invocation, "sarif", NULL);
    const struct ml_verify_report report = {
        .version = verify->invocation->program->version,
        .ledger = result->head.name,
        .level = full ? "full" : "chain",
        .verified = good,
        .records = result->records,
        .findings = verify->findings,
    };
    if (junit)
        ML_TRY(ml_verify_write_junit(&report, junit));
    return sarif ? ml_verify_write_sarif(&report, sarif) : MLEDGER_OK;
}

static int begin(const struct ml_invocation *invocation, struct ml_output *out,
                 struct verify *verify)
{
    *verify = (struct verify){
        .invocation = invocation, .out = out, .json = invocation->json, .recorded = MLEDGER_NO_SEQ};
    verify->required = ml_option_text(invocation, "require", NULL);
    verify->keeps_all = verify->json || ml_option_given(invocation, "junit") ||
                        ml_option_given(invocation, "sarif") ||
                        ml_option_given(invocation, "record");
    verify->tiles = ml_option_text(invocation, "tiles", NULL);
    ML_TRY(check_required(verify));
    ML_TRY(check_together(verify));
    ML_TRY(ml_verify_given_read(invocation, ml_option_text(invocation, "since", NULL),
                                &verify->given));
    if (!verify->tiles)
        ML_TRY(ml_ledger_dir_find(invocation, &verify->dir));
    ML_TRY(ml_user_dir("XDG_STATE_HOME", ".local/state", "mledger", &verify->known_dir));
    ML_TRY(ml_outsiders_read(invocation, verify->tiles == NULL, &verify->outsiders));
    verify->findings = json_array();
    return verify->findings ? MLEDGER_OK : ml_fail_memory();
}

/* What was found in order is relied on next time; what was found is told to who asked for it. */
static int keep_outcome(struct verify *verify, const struct ml_verify_result *result, bool good,
                        bool full)
{
    if (result->faults == 0 && full && !verify->tiles) {
        ML_TRY(note_head(verify, result));
        ML_TRY(note_checkpoints(verify, result));
    }
    ML_TRY(write_reports(verify, result, good, full));
    if (!ml_option_given(verify->invocation, "record"))
        return MLEDGER_OK;
    return ml_verify_record(verify->invocation, verify->out, &result->head, good,
                            full ? "full" : "chain", verify->findings, &verify->recorded);
}

/* The answer is no in any case: that it could not be kept must not hide it. */
static void print_kept(const struct verify *verify, int kept)
{
    if (kept < 0)
        ml_output_line(verify->out, ML_ROLE_BAD, "this could not be kept: %s",
                       mledger_error_text());
    else if (verify->recorded != MLEDGER_NO_SEQ)
        ml_output_line(verify->out, ML_ROLE_PLAIN, "recorded #%" PRIu64, verify->recorded);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(verify_release) struct verify verify = {0};
    struct ml_verify_result result = {0};
    bool full = ml_option_choice(invocation, "level", 1) == 1;
    ML_TRY(begin(invocation, out, &verify));
    ML_TRY(carry_through(&verify, &result, full));
    bool good = result.faults == 0 && verify.lacking == 0;
    int kept = keep_outcome(&verify, &result, good, full);
    if (kept < 0 && good)
        return kept;
    if (verify.json) {
        ML_TRY(print_json(&verify, &result, good));
    } else {
        print_verdict(&verify, &result, good, full);
        ML_TRY(ml_outsiders_print(&result, out));
        print_not_proven(&verify);
        print_kept(&verify, kept);
    }
    return good ? MLEDGER_OK : ML_ANSWER_NO;
}

static const char *const level_choices[] = {"chain", "full", NULL};

const struct ml_command ml_command_verify = {
    .name = "verify",
    .summary = "Check that nothing was changed and every rule was kept",
    .description =
        (const char *const[]){
            "Derives everything again from the records, on all processors, and compares: encoding, "
            "numbers, chain, commitments, signatures, statements, who was allowed to do what, "
            "rules and policies, subject tags, indexes, attachments, and the newest record that "
            "was seen here before. It writes nothing to the ledger and repairs nothing.",
            "Where you have a policy of witnesses for the ledger (mledger witness), a checkpoint "
            "that "
            "meets it must be noted; up to there the ledger is anchored outside.",
            "What it finds has a stable code and names the record. What it cannot prove it says; "
            "--require makes that a failure. The ledger is read in a process of its own, with "
            "limits: a store that crashes its reader, or leads it in circles, is found out like "
            "everything else.",
            "--json prints one object: verified, name, identity, records, link, root, statements, "
            "faults, doubts, not_proven, known_head_matches, anchored, since, and findings with "
            "severity "
            "(fault, "
            "doubt, not_proven), code and text, and where there is one seq, rule, required.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "level",
             .value = "LEVEL",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = level_choices},
             .help = "chain: numbers, links and times of the headers alone, nothing signed. full, "
                     "the default: everything."},
            {.name = "require",
             .value = "CODE,...",
             .help = "What is not proven under these codes counts as a fault: anchor, ..."},
            ML_OPTION_AGAINST,
            {.name = "since",
             .value = "FILE|last",
             .rule = {.kind = ML_VALUE_FILE},
             .help =
                 "Read only what came after the last full verification here (last), and hold it "
                 "against that; a checkpoint given is held against both. Where there was none, "
                 "everything is read."},
            {.name = "refold", .help = "Read everything in spite of --since."},
            ML_OPTION_WITNESS_POLICY,
            {.name = "tiles",
             .value = "DIR|URL",
             .rule = {.kind = ML_VALUE_DIR},
             .help =
                 "Verify tiles, from a directory or a web server, instead of a ledger: headers, "
                 "signatures and the tree; payloads are hidden there."},
            ML_OPTION_TSA_ROOTS,
            {.name = "memory",
             .value = "SIZE",
             .rule = {.kind = ML_VALUE_SIZE, .least = 1 << 20},
             .help = "Memory for the state that is derived, 64MiB by default; beyond it an "
                     "unlinked file is used."},
            {.name = "stall",
             .value = "SECONDS",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = 86400},
             .help = "Give up when reading makes no progress for so long, 120 by default."},
            {.name = "junit",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write a JUnit XML report: a test case for each code."},
            {.name = "sarif",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write a SARIF 2.1.0 report: a result for each finding."},
            {.name = "record",
             .help = "Record in the ledger what was found, of how many records: signed by --key, "
                     "else by your recorder key."},
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {0, "No fault was found, and what is required is proven."},
            {1, "A fault was found, or what is required is not proven, or the ledger is damaged "
                "beyond reading."},
            {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
