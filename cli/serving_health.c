/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /health and /version, where MLflow's own server has them. /health is OK with 200, or 503 with a
 * sentence where nothing could be recorded: the ledger cannot be read, its disk is full or mounted
 * to read. It waits for no lock, so that a long import does not look like a fault.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/statvfs.h>

#include "cli/human.h"
#include "cli/serving_part.h"

/* A commit copies the pages that it changes, and a checkpoint should still find room. */
static const uint64_t free_min = UINT64_C(64) << 20;

static int reply_text(struct ml_server_reply *reply, int status, const char *text)
{
    ML_TRY(ml_buf_append_text(&reply->body, text));
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    return 1;
}

static int judge_disk(const char *dir)
{
    struct statvfs disk;
    char size[ML_HUMAN_SIZE];
    if (statvfs(dir, &disk) < 0)
        return ml_fail_errno(errno, "cannot look at the ledger's disk");
    if (disk.f_flag & ST_RDONLY)
        return ml_fail(MLEDGER_ESYSTEM, "the ledger's disk is mounted to be read alone");
    const uint64_t free = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (free < free_min)
        return ml_fail(MLEDGER_ESYSTEM, "the ledger's disk has only %s left",
                       ml_human_size(size, free));
    return MLEDGER_OK;
}

static int judge(const struct ml_serving *serving)
{
    struct ml_head head;
    struct ml_ledger *ledger = serving->session.ledger;
    ML_TRY(ml_ledger_head(ledger, &head));
    return serving->signer ? judge_disk(ml_ledger_dir(ledger)) : MLEDGER_OK;
}

static int reply_health(const struct ml_serving *serving, struct ml_server_reply *reply)
{
    struct ml_error error;
    reply->route = "health";
    if (judge(serving) >= 0)
        return reply_text(reply, 200, "OK");
    ml_error_get(&error);
    ml_error_clear();
    return reply_text(reply, 503, error.text);
}

static int answer(struct ml_serving *serving, const struct ml_server_request *request,
                  struct ml_server_reply *reply)
{
    if (strcmp(request->path, "/health") == 0)
        return reply_health(serving, reply);
    if (strcmp(request->path, "/version") != 0)
        return 0;
    reply->route = "version";
    return reply_text(reply, 200, MLEDGER_VERSION);
}

const struct ml_serving_part ml_serving_health = {.answer = answer};
