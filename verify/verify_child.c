/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verify_child.h"

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ledger/store/confine.h"

enum {
    TEXT_MAX = 1024, /* of a finding, as struct ml_error has it; longer texts are cut */
    CODE_MAX = 64,
    FRAME_MAX = 4096, /* a frame that claims more is none */
    POLL_MS = 250,    /* how often it is looked whether there is progress */
};
/* Beside the state that the caller allows: batches of records, their messages, stacks. */
#define MEMORY_BASE ((uint64_t)4 << 30)

/* A frame is this, then `len` bytes. Both ends are the same program on the same machine. */
struct frame {
    uint32_t kind;
    uint32_t len;
};
enum { FRAME_FINDING = 1, FRAME_RESULT, FRAME_ERROR };

struct finding_frame {
    uint32_t severity;
    uint64_t seq;
    char code[CODE_MAX], rule[CODE_MAX], text[TEXT_MAX];
};

struct result_frame {
    struct ml_verify_result result;
};

struct error_frame {
    int32_t code;
    uint64_t seq;
    char text[TEXT_MAX], hint[512];
};

/* What both processes see: how far reading has come. */
struct shared {
    _Atomic uint64_t pulses;
    _Atomic uint64_t last_record; /* MLEDGER_NO_SEQ: none yet */
    _Atomic uint64_t done, total; /* as progress tells */
    _Atomic bool opened;
};

struct reading {
    const char *dir, *known_dir;
    const struct ml_verify_options *options;
    struct shared *shared;
};

/* ---- the child ---- */

static int send(int fd, uint32_t kind, const void *body, size_t len)
{
    const struct frame frame = {kind, (uint32_t)len};
    if (ml_confined_write(fd, &frame, sizeof frame) && ml_confined_write(fd, body, len))
        return MLEDGER_OK;
    return ml_fail(MLEDGER_ESYSTEM, "the verifying process has lost its parent");
}

struct child {
    const struct reading *reading;
    int fd;
};

static int send_finding(const struct ml_finding *finding, void *context)
{
    const struct child *child = context;
    struct finding_frame body = {.severity = finding->severity, .seq = finding->seq};
    snprintf(body.code, sizeof body.code, "%s", finding->code);
    snprintf(body.rule, sizeof body.rule, "%s", finding->rule);
    snprintf(body.text, sizeof body.text, "%s", finding->text);
    return send(child->fd, FRAME_FINDING, &body, sizeof body);
}

static int note_progress(uint64_t done, uint64_t total, void *context)
{
    const struct child *child = context;
    atomic_store(&child->reading->shared->done, done);
    atomic_store(&child->reading->shared->total, total);
    return MLEDGER_OK;
}

static void pulse(uint64_t seq, void *context)
{
    const struct child *child = context;
    atomic_fetch_add_explicit(&child->reading->shared->pulses, 1, memory_order_relaxed);
    if (seq != MLEDGER_NO_SEQ)
        atomic_store_explicit(&child->reading->shared->last_record, seq, memory_order_relaxed);
}

static int verify_here(struct child *child, struct ml_verify_result *ret_result)
{
    const struct reading *reading = child->reading;
    const struct ml_ledger_options open = {
        .read_only = true, .records_only = true, .known_dir = reading->known_dir};
    struct ml_verify_options options = *reading->options;
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = NULL;
    options.visit = send_finding;
    options.progress = note_progress;
    options.pulse = pulse;
    options.visit_context = options.progress_context = options.pulse_context = child;
    ML_TRY(ml_ledger_open(reading->dir, &open, &ledger));
    atomic_store(&reading->shared->opened, true);
    return ml_verify(ledger, &options, ret_result);
}

static int send_error(int fd)
{
    struct ml_error error;
    ml_error_get(&error);
    struct error_frame body = {.code = error.code, .seq = error.seq};
    snprintf(body.text, sizeof body.text, "%s", error.text);
    snprintf(body.hint, sizeof body.hint, "%s", error.hint);
    return send(fd, FRAME_ERROR, &body, sizeof body);
}

static int child_main(int fd, const void *context)
{
    struct child child = {context, fd};
    struct result_frame body = {0};
    int result = verify_here(&child, &body.result);
    result = result < 0 ? send_error(fd) : send(fd, FRAME_RESULT, &body, sizeof body);
    return result < 0;
}

/* ---- the parent ---- */

struct parent {
    const struct reading *reading;
    uint64_t stall_ms;
    struct ml_confined child;
    struct ml_buf input;
    struct ml_verify_result result; /* counts of what was given on; the rest from the child */
    bool ended;                     /* a result or an error has come: nothing may follow */
    bool stalled, malformed;
    struct error_frame error; /* code 0: none */
};

static int give(struct parent *parent, const struct ml_finding *finding)
{
    const struct ml_verify_options *options = parent->reading->options;
    uint64_t *const counts[] = {[ML_SEVERITY_FAULT] = &parent->result.faults,
                                [ML_SEVERITY_DOUBT] = &parent->result.doubts,
                                [ML_SEVERITY_NOT_PROVEN] = &parent->result.not_proven};
    ++*counts[finding->severity];
    return options->visit ? options->visit(finding, options->visit_context) : MLEDGER_OK;
}

static int malformed(struct parent *parent)
{
    parent->malformed = true;
    return ml_fail(MLEDGER_EINVALID, "the verifying process has sent something malformed");
}

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

/* A code or a rule as they all are: "known-head-behind". */
static bool is_code(const char *text, bool may_be_empty)
{
    if (!is_text(text, CODE_MAX))
        return false;
    size_t len = strlen(text);
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
           (len > 0 || may_be_empty);
}

static int take_finding(struct parent *parent, const uint8_t *bytes)
{
    struct finding_frame body;
    memcpy(&body, bytes, sizeof body);
    if (body.severity > ML_SEVERITY_NOT_PROVEN || !is_code(body.code, false) ||
        !is_code(body.rule, true) || !is_text(body.text, sizeof body.text))
        return malformed(parent);
    const struct ml_finding finding = {.code = body.code,
                                       .severity = (enum ml_severity)body.severity,
                                       .rule = body.rule,
                                       .seq = body.seq,
                                       .text = body.text};
    return give(parent, &finding);
}

/* The child's counts must be those of the findings that it has sent. */
static int take_result(struct parent *parent, const uint8_t *bytes)
{
    struct result_frame body;
    memcpy(&body, bytes, sizeof body);
    const struct ml_verify_result *said = &body.result, *seen = &parent->result;
    if (said->faults != seen->faults || said->doubts != seen->doubts ||
        said->not_proven != seen->not_proven || !is_text(said->head.name, sizeof said->head.name) ||
        !is_text(said->head.origin, sizeof said->head.origin) ||
        !is_text(said->timestamped.by.authority, sizeof said->timestamped.by.authority))
        return malformed(parent);
    parent->result = body.result;
    parent->ended = true;
    return MLEDGER_OK;
}

static int take_error(struct parent *parent, const uint8_t *bytes)
{
    memcpy(&parent->error, bytes, sizeof parent->error);
    if (parent->error.code >= 0 || !is_text(parent->error.text, sizeof parent->error.text) ||
        !is_text(parent->error.hint, sizeof parent->error.hint))
        return malformed(parent);
    parent->ended = true;
    return MLEDGER_OK;
}

static int take_frame(struct parent *parent, const struct frame *frame, const uint8_t *bytes)
{
    if (parent->ended)
        return malformed(parent);
    if (frame->kind == FRAME_FINDING && frame->len == sizeof(struct finding_frame))
        return take_finding(parent, bytes);
    if (frame->kind == FRAME_RESULT && frame->len == sizeof(struct result_frame))
        return take_result(parent, bytes);
    if (frame->kind == FRAME_ERROR && frame->len == sizeof(struct error_frame))
        return take_error(parent, bytes);
    return malformed(parent);
}

/* Takes every whole frame off the front of what has been read. */
static int take_frames(struct parent *parent)
{
    size_t at = 0;
    const struct ml_buf *input = &parent->input;
    while (input->len - at >= sizeof(struct frame)) {
        struct frame frame;
        memcpy(&frame, input->data + at, sizeof frame);
        if (frame.len > FRAME_MAX)
            return malformed(parent);
        if (input->len - at - sizeof frame < frame.len)
            break;
        ML_TRY(take_frame(parent, &frame, input->data + at + sizeof frame));
        at += sizeof frame + frame.len;
    }
    if (at > 0) {
        memmove(parent->input.data, parent->input.data + at, input->len - at);
        parent->input.len -= at;
    }
    return MLEDGER_OK;
}

static int tell_progress(const struct parent *parent)
{
    const struct ml_verify_options *options = parent->reading->options;
    const struct shared *shared = parent->reading->shared;
    uint64_t total = atomic_load(&shared->total);
    if (!options->progress || total == 0)
        return MLEDGER_OK;
    return options->progress(atomic_load(&shared->done), total, options->progress_context);
}

/* Waits for more; 0 when there was no progress for too long. */
static int wait_for_more(struct parent *parent)
{
    const struct shared *shared = parent->reading->shared;
    uint64_t pulses = atomic_load(&shared->pulses);
    uint64_t moved_ms = ml_confine_clock_ms();
    for (;;) {
        uint64_t now_ms = ml_confine_clock_ms();
        if (now_ms - moved_ms >= parent->stall_ms)
            return 0;
        uint64_t left_ms = parent->stall_ms - (now_ms - moved_ms);
        int ready =
            ml_confined_wait(&parent->child, now_ms + (left_ms < POLL_MS ? left_ms : POLL_MS));
        if (ready != 0)
            return ready;
        ML_TRY(tell_progress(parent));
        uint64_t pulses_now = atomic_load(&shared->pulses);
        if (pulses_now != pulses) {
            pulses = pulses_now;
            moved_ms = ml_confine_clock_ms();
        }
    }
}

/* Reads until the child has closed the pipe, or stalls. */
static int follow(struct parent *parent)
{
    for (;;) {
        int ready = wait_for_more(parent);
        ML_TRY(ready);
        if (ready == 0) {
            parent->stalled = true;
            return MLEDGER_OK;
        }
        size_t got;
        ML_TRY(ml_confined_read(&parent->child, &parent->input, &got));
        if (got == 0)
            return MLEDGER_OK;
        ML_TRY(take_frames(parent));
        ML_TRY(tell_progress(parent));
    }
}

/* One more finding, about the store; the verification ends with it. */
static int report_end(struct parent *parent, enum ml_severity severity, const char *code,
                      uint64_t seq, const char *text)
{
    parent->result.records = atomic_load(&parent->reading->shared->done);
    const struct ml_finding finding = {
        .code = code, .severity = severity, .rule = "", .seq = seq, .text = text};
    return give(parent, &finding);
}

static const char *how_far(const struct parent *parent, char text[64])
{
    uint64_t last = atomic_load(&parent->reading->shared->last_record);
    if (last == MLEDGER_NO_SEQ)
        snprintf(text, 64, "before the first record");
    else
        snprintf(text, 64, "after record %" PRIu64, last);
    return text;
}

static int report_stall(struct parent *parent)
{
    char text[TEXT_MAX], place[64];
    if (!atomic_load(&parent->reading->shared->opened))
        return ml_fail(MLEDGER_ESYSTEM,
                       "cannot open ledger '%s': it took longer than %g s; is it being rewritten?",
                       parent->reading->dir, (double)parent->stall_ms / 1000);
    snprintf(text, sizeof text, "reading the store came to nothing for %g s %s",
             (double)parent->stall_ms / 1000, how_far(parent, place));
    return report_end(parent, ML_SEVERITY_FAULT, "store-hang", MLEDGER_NO_SEQ, text);
}

static int report_crash(struct parent *parent, int status)
{
    char text[TEXT_MAX], place[64];
    if (status != -1 && WIFSIGNALED(status))
        snprintf(text, sizeof text, "reading the store ended in signal %d %s", WTERMSIG(status),
                 how_far(parent, place));
    else
        snprintf(text, sizeof text, "reading the store ended without an answer %s",
                 how_far(parent, place));
    return report_end(parent, ML_SEVERITY_FAULT, "store-crash", MLEDGER_NO_SEQ, text);
}

/* What the verification in the child failed with: damage is an answer, anything else is not. */
static int report_error(struct parent *parent)
{
    struct error_frame *error = &parent->error;
    if (error->code == MLEDGER_EDAMAGED)
        return report_end(parent, ML_SEVERITY_FAULT, "store-damaged", error->seq, error->text);
    ml_fail_seq(error->code, error->seq, "%s", error->text);
    return *error->hint ? ml_hint("%s", error->hint) : ml_failed();
}

/* A message that makes no sense is the doing of what was read: as bad as a crash. */
static int judge(struct parent *parent, int result, int status)
{
    if (parent->malformed)
        return report_crash(parent, -1);
    ML_TRY(result);
    if (parent->stalled)
        return report_stall(parent);
    if (!parent->ended || parent->input.len > 0)
        return report_crash(parent, status);
    return parent->error.code < 0 ? report_error(parent) : MLEDGER_OK;
}

static int run(struct parent *parent)
{
    const struct ml_verify_options *options = parent->reading->options;
    const struct ml_confine_limits limits = {
        .cpu_seconds = ML_CONFINE_NO_LIMIT, /* a large ledger takes long; a stall is noticed */
        .address_bytes =
            ML_CONFINE_NO_LIMIT, /* of which the store's map takes as much as it likes */
        .data_bytes = MEMORY_BASE + 2 * (uint64_t)options->memory,
        .file_bytes = ML_CONFINE_NO_LIMIT, /* state spills into an unnamed file */
    };
    ML_TRY(ml_confine(child_main, parent->reading, &limits, "verifying", &parent->child));
    int result = follow(parent);
    struct ml_error error;
    ml_error_get(&error);
    int status = ml_confined_end(&parent->child, result < 0 || parent->stalled);
    if (result < 0)
        ml_error_set(&error);
    return judge(parent, result, status);
}

int ml_verify_confined(const char *dir, const char *known_dir,
                       const struct ml_verify_options *options, uint64_t stall_ms,
                       struct ml_verify_result *ret_result)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return ml_fail_memory();
    atomic_store(&shared->last_record, MLEDGER_NO_SEQ);
    const struct reading reading = {dir, known_dir, options, shared};
    struct parent parent = {.reading = &reading,
                            .stall_ms = stall_ms ? stall_ms : ML_VERIFY_STALL_MS_DEFAULT};
    int result = run(&parent);
    ml_buf_release(&parent.input);
    munmap(shared, sizeof *shared);
    if (result < 0)
        return result;
    *ret_result = parent.result;
    return MLEDGER_OK;
}
