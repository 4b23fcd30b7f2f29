/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unrecorded.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/core/event.h"
#include "ledger/core/json.h"

static void decrefp(json_t **json)
{
    json_decref(*json);
}

/* What the ledger is to assign: whatever it may have begun to fill in. */
static void drop_assigned(json_t *body)
{
    json_object_del(body, "subject_salt");
    json_object_del(body, "run_ref");
    json_object_del(body, "trained_by_actor_ref");
    if (json_integer_value(json_object_get(body, "version")) == 0)
        json_object_del(body, "version");
}

/* Puts names in the place of the seqs that they were to become: "run_logged.run". */
static int put_names(const struct ml_draft *draft, json_t *event)
{
    for (size_t i = 0; i < draft->n_names; i++) {
        const struct ml_draft_name *name = &draft->names[i];
        const char *dot = strchr(name->field, '.');
        json_t *body = json_object_get(event, ml_event_name(draft->event));
        if (dot && json_object_set_new(body, dot + 1, json_string(name->name)) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int append_line(const struct ml_draft *draft, struct ml_buf *lines)
{
    ML_CLEANUP(decrefp) json_t *event = NULL;
    ML_TRY(ml_json_from_message(&draft->event->base, &event));
    drop_assigned(json_object_get(event, ml_event_name(draft->event)));
    ML_TRY(put_names(draft, event));
    if (draft->details) {
        json_t *details;
        ML_TRY(ml_json_from_message(&draft->details->base, &details));
        if (json_object_set_new(event, "details", details) < 0)
            return ml_fail_memory();
    }
    ML_TRY(ml_json_dump(event, 0, lines));
    return ml_buf_append_char(lines, '\n');
}

int ml_unrecorded_lines(const struct ml_recording *recording, struct ml_buf *lines)
{
    for (size_t i = 0; i < recording->count; i++)
        ML_TRY(append_line(recording->drafts[i], lines));
    return MLEDGER_OK;
}

static int write_all(int fd, struct ml_span bytes)
{
    while (bytes.len > 0) {
        const ssize_t wrote = write(fd, bytes.data, bytes.len);
        if (wrote < 0 && errno != EINTR)
            return errno;
        const size_t done = wrote > 0 ? (size_t)wrote : 0;
        bytes = ML_SPAN(bytes.data + done, bytes.len - done);
    }
    return fsync(fd) < 0 ? errno : 0;
}

int ml_unrecorded_keep(const struct ml_session *session, const char *run_id, struct ml_span lines,
                       char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(ml_user_dir_make(session->known_dir));
    ML_TRY(ml_buf_printf(&text, "%s/unrecorded-%s.jsonl", session->known_dir, run_id));
    ML_TRY(ml_buf_take_text(&text, &path));
    ML_CLEANUP(ml_closep) int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    const int error = fd < 0 ? errno : write_all(fd, lines);
    if (error)
        return ml_fail_errno(error, "cannot write '%s'", path);
    *ret_path = ML_TAKE(path);
    return MLEDGER_OK;
}
