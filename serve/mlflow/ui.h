/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MLflow's own web UI, as its package brings it built (mlflow/server/js/build): the pages, not the
 * API that they ask. The paths are those of MLflow's servers:
 *
 *     /                     index.html
 *     /static-files/PATH    PATH below the directory
 *
 * No path leads out of the directory: its parts are opened one after the other, and none may be a
 * symbolic link. Directories are not listed. What a name of its content (static/…) is kept for four
 * weeks, as MLflow says; the rest is asked for again each time, by its ETag.
 *
 * A page of the UI loads and asks nothing but this server (Content-Security-Policy): neither a text
 * in the ledger nor the UI itself can send what it shows to somebody else.
 */
#ifndef ML_SERVE_MLFLOW_UI_H
#define ML_SERVE_MLFLOW_UI_H

#include "serve/server.h"

struct ml_ui {
    int dir; /* -1: none */
};

/* `path` is the directory with index.html, or the package mlflow that holds it. MLEDGER_ESYSTEM: it
 * is neither, or cannot be opened. */
int ml_ui_open(const char *path, struct ml_ui *ret_ui) ML_MUST_USE;
void ml_ui_release(struct ml_ui *ui);

/* 1: *reply is the answer; 0: the path is none of the UI's. MLEDGER_ESYSTEM: a file cannot be read.
 * Thread-safe. */
int ml_ui_answer(const struct ml_ui *ui, const struct ml_server_request *request,
                 struct ml_server_reply *reply) ML_MUST_USE;

#endif
