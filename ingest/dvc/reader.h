/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of reading one DVC project, shared by the files of this folder: what was read already,
 * where results go. Reading what a particular file says belongs beside it, not here.
 */
#ifndef ML_INGEST_DVC_READER_H
#define ML_INGEST_DVC_READER_H

#include "ingest/dvc/files.h"
#include "ingest/dvc/project.h"
#include "ingest/dvc/text.h"
#include "ingest/table.h"

struct ml_dvc_reader {
    struct ml_dvc_project *project;
    struct ml_dvc_options options;
    struct ml_dvc_files files;
    struct ml_table documents; /* by path from the root: struct ml_document */
    struct ml_table out_paths; /* full paths of outputs: struct ml_dvc_item; for the walk */
    struct ml_table broken;    /* files that were left out: why */
    struct ml_table unread;    /* project->unread: any pointer */
    size_t entries;            /* of directories, looked at so far */
    struct ml_dvc_option_style style;
};

/* A reader of the project in the work tree `root`, which is not looked at yet; `options` may be
 * NULL. `reader` may be released after a failure too; the project goes with it unless it was taken.
 */
int ml_dvc_reader_init(struct ml_dvc_reader *reader, const char *root,
                       const struct ml_dvc_options *options) ML_MUST_USE;
void ml_dvc_reader_release(struct ml_dvc_reader *reader);
/* Takes `document` over, even on failure, as what the file of its name says. */
int ml_dvc_reader_adopt(struct ml_dvc_reader *reader, struct ml_document *document) ML_MUST_USE;
/* `relpath` below the root, for the file system; freed with the project. */
const char *ml_dvc_reader_path(struct ml_dvc_reader *reader, const char *relpath);
/* Reads the file `relpath` (from the root) once; the project owns the document.
 * MLEDGER_ENOTFOUND: there is none. */
int ml_dvc_reader_document(struct ml_dvc_reader *reader, const char *relpath,
                           struct ml_document **ret_document) ML_MUST_USE;
/* Notes, once, that the file is named but was not read. */
int ml_dvc_reader_unread(struct ml_dvc_reader *reader, const char *relpath) ML_MUST_USE;
/* A document of the project's that holds what is made while reading `name`. */
int ml_dvc_reader_made(struct ml_dvc_reader *reader, const char *name,
                       struct ml_document **ret_document) ML_MUST_USE;
/* Appends a zeroed stage; the pointer is valid until the next one. */
int ml_dvc_reader_stage(struct ml_dvc_reader *reader, struct ml_dvc_stage **ret_stage) ML_MUST_USE;
/* Texts are borrowed: they must live as long as the project. */
int ml_dvc_reader_finding(struct ml_dvc_reader *reader, enum ml_dvc_finding_kind kind,
                          const char *stage, const char *path, const char *recorded,
                          const char *found) ML_MUST_USE;
/* After `result` < 0 about `file`: notes it as left out and returns 0 when that is wanted and
 * the fault is the file's; otherwise returns `result`. */
int ml_dvc_reader_left_out(struct ml_dvc_reader *reader, const char *file, int result) ML_MUST_USE;

/* ---- items (item.c) ---- */

/* A fresh item: `path` as written in `wdir`; nothing claimed. */
int ml_dvc_item_init(struct ml_dvc_reader *reader, const char *wdir, const char *path,
                     uint32_t line, struct ml_dvc_item *ret_item) ML_MUST_USE;
/* What an entry of dvc.lock or a .dvc file claims: hash, size, …, repo, dataset. */
int ml_dvc_item_claim(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const struct ml_value *entry, struct ml_dvc_item *item) ML_MUST_USE;
/* cache, persist, metric, … of an output in dvc.yaml or a .dvc file. */
int ml_dvc_item_flags(const struct ml_document *document, const struct ml_value *flags,
                      struct ml_dvc_item *item) ML_MUST_USE;
/* Takes over another item's claims, not its path or flags. */
void ml_dvc_item_copy_claim(struct ml_dvc_item *item, const struct ml_dvc_item *from);
/* An array of `count` zeroed items; NULL when memory is out. */
struct ml_dvc_item *ml_dvc_items_new(struct ml_dvc_reader *reader, size_t count);

/* A `cmd`, a string or a list of them; `value` may be NULL: no command. */
int ml_dvc_command_read(struct ml_dvc_reader *reader, const struct ml_document *document,
                        const struct ml_value *value,
                        struct ml_dvc_command *ret_command) ML_MUST_USE;
bool ml_dvc_command_equal(const struct ml_dvc_command *a, const struct ml_dvc_command *b);

/* ---- files ---- */

/* dvcfile.c: adds the stage of the .dvc file `relpath`. */
int ml_dvc_dvcfile_read(struct ml_dvc_reader *reader, const char *relpath) ML_MUST_USE;
/* pipeline.c: adds the stages of `dir`/dvc.yaml and `dir`/dvc.lock; either may be missing. */
int ml_dvc_pipeline_read(struct ml_dvc_reader *reader, const char *dir) ML_MUST_USE;
/* config.c: reads .dvc/config and .dvc/config.local where they are. */
int ml_dvc_config_read(struct ml_dvc_reader *reader) ML_MUST_USE;
/* walk.c: finds and reads all .dvc and dvc.yaml files. */
int ml_dvc_walk(struct ml_dvc_reader *reader) ML_MUST_USE;
/* graph.c: outputs, edges, output edges, and what is wrong between them. */
int ml_dvc_graph_build(struct ml_dvc_reader *reader) ML_MUST_USE;
/* cycle.c: names every stage that depends on itself. */
int ml_dvc_cycles_find(struct ml_dvc_reader *reader) ML_MUST_USE;
/* ignored.c: whether Git ignores a dvc.lock, in the work tree of `git`, or, where that is NULL, in
 * the commit that is read. `prefix` is the project's place in the repository, "" or ending in '/'.
 */
int ml_dvc_ignored_check(struct ml_dvc_reader *reader, struct ml_git *git,
                         const char *prefix) ML_MUST_USE;
/* check.c: parameter files, work tree and commit against what is locked. */
int ml_dvc_check(struct ml_dvc_reader *reader) ML_MUST_USE;

#endif
