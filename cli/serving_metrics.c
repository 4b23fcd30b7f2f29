/* SPDX-License-Identifier: Apache-2.0 */
/* /metrics: the server's requests, its ledger and its process, as Prometheus reads them. Other
 * parts add theirs by their measure(). */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/serving_part.h"
#include "ledger/core/codec.h"
#include "ledger/core/time.h"
#include "ledger/store/checkpoint.h"
#include "serve/exposition.h"
#include "serve/traffic.h"

static int open_metrics(struct ml_serving *serving)
{
    serving->started_us = ml_time_now_us();
    return ml_traffic_new(&serving->traffic);
}

static void ended(struct ml_serving *serving, const struct ml_server_request *request,
                  const struct ml_server_account *account)
{
    ml_traffic_add(serving->traffic, request->method, account);
}

static void close_metrics(struct ml_serving *serving)
{
    ml_traffic_free(serving->traffic);
}

/* ---- the server ---- */

static int write_server(struct ml_serving *serving, struct ml_buf *text)
{
    struct ml_server_load load;
    ml_server_load(serving->server, &load);
    ML_TRY(ml_exposition_family(text, "mledger_build_info", "gauge", "The program that runs."));
    ML_TRY(ml_exposition_sample(
        text, "mledger_build_info",
        (const struct ml_exposition_label[]){{"version", MLEDGER_VERSION}, {NULL, NULL}}, 1));
    ML_TRY(ml_traffic_write(serving->traffic, text));
    ML_TRY(ml_exposition_single(text, "mledger_http_requests_in_progress", "gauge",
                                "Requests that are being answered, this one among them.",
                                (double)load.requests));
    ML_TRY(ml_exposition_single(text, "mledger_http_connections", "gauge", "Open connections.",
                                (double)load.connections));
    return ml_exposition_single(text, "mledger_http_connections_max", "gauge",
                                "Connections that may be open.", (double)load.connections_max);
}

/* ---- the ledger ---- */

/* Where no checkpoint is noted these say nothing: an age that is not known is no number. */
static int write_checkpoint(struct ml_view *view, struct ml_buf *text)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_noted_checkpoint noted;
    struct ml_record record;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    const int result = ml_checkpoint_noted(view, MLEDGER_NO_SEQ, &arena, &noted);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const uint64_t size = noted.event->size, seq = noted.seq;
    ML_TRY(ml_view_record(view, seq, &arena, &record));
    const int64_t age_us = ml_time_now_us() - record.header->recorded_at;
    ML_TRY(ml_exposition_single(text, "mledger_checkpoint_size", "gauge",
                                "Records that the newest noted checkpoint covers.", (double)size));
    return ml_exposition_single(text, "mledger_checkpoint_age_seconds", "gauge",
                                "Since the newest checkpoint was noted.", (double)age_us / 1e6);
}

static int write_head(struct ml_view *view, struct ml_buf *text)
{
    const struct ml_head *head = &view->head;
    ML_TRY(ml_exposition_single(text, "mledger_head_seq", "gauge", "Number of the newest record.",
                                (double)(head->size - 1)));
    ML_TRY(ml_exposition_single(text, "mledger_head_recorded_timestamp_seconds", "gauge",
                                "When it was recorded.", (double)head->recorded_at_us / 1e6));
    return write_checkpoint(view, text);
}

static int write_place(const char *dir, struct ml_buf *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    struct stat file;
    struct statvfs disk;
    ML_TRY(ml_buf_printf(&path, "%s/data.mdb%c", dir, '\0'));
    if (stat((const char *)path.data, &file) < 0 || statvfs(dir, &disk) < 0)
        return ml_fail_errno(errno, "cannot look at '%s'", dir);
    ML_TRY(ml_exposition_single(text, "mledger_store_bytes", "gauge",
                                "What the ledger's store takes on the disk.",
                                (double)file.st_blocks * 512));
    return ml_exposition_single(text, "mledger_disk_free_bytes", "gauge",
                                "What is free where the store is.",
                                (double)disk.f_bavail * (double)disk.f_frsize);
}

static int write_ledger(const struct ml_serving *serving, struct ml_buf *text)
{
    struct ml_ledger *ledger = serving->session.ledger;
    struct ml_view view;
    ML_TRY(ml_view_begin(ledger, &view));
    const int result = write_head(&view, text);
    ml_view_end(&view);
    ML_TRY(result);
    return write_place(ml_ledger_dir(ledger), text);
}

/* ---- the process, by the names that Prometheus has for it ---- */

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Resident pages are the second number of statm; 0 where there is no /proc. */
static unsigned long resident_pages(void)
{
    char text[128] = "";
    char *second;
    ML_CLEANUP(ml_closep) int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return 0;
    (void)strtoul(text, &second, 10);
    return strtoul(second, NULL, 10);
}

static int write_memory(struct ml_buf *text)
{
    const unsigned long pages = resident_pages();
    if (pages == 0)
        return MLEDGER_OK;
    return ml_exposition_single(text, "process_resident_memory_bytes", "gauge",
                                "Resident memory size in bytes, the mapped store's pages among it.",
                                (double)pages * (double)sysconf(_SC_PAGESIZE));
}

static int write_process(const struct ml_serving *serving, struct ml_buf *text)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    ML_TRY(ml_exposition_single(text, "process_cpu_seconds_total", "counter",
                                "Total user and system CPU time spent in seconds.",
                                seconds(usage.ru_utime) + seconds(usage.ru_stime)));
    ML_TRY(ml_exposition_single(text, "process_start_time_seconds", "gauge",
                                "When it began to serve, in seconds since 1970 UTC.",
                                (double)serving->started_us / 1e6));
    return write_memory(text);
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    if (strcmp(request->path, "/metrics") != 0)
        return 0;
    reply->route = "metrics";
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        reply->status = 405;
        return 1;
    }
    ML_TRY(write_server(serving, &reply->body));
    ML_TRY(write_ledger(serving, &reply->body));
    ML_TRY(write_process(serving, &reply->body));
    ML_TRY(ml_serving_measure(serving, &reply->body));
    reply->status = 200;
    reply->content_type = ML_EXPOSITION_TYPE;
    return 1;
}

const struct ml_serving_part ml_serving_metrics = {
    .open = open_metrics, .answer = answer, .ended = ended, .close = close_metrics};
