/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A check under way, shared by the files check_*.c. It goes in steps:
 *
 *   claims     what records say of which paths        check_pipeline.c, check_run.c, check_target.c
 *   files      what is there, and what must be read   check_file.c, check_walk.c
 *   reading    on all cores                           check_file.c
 *   entries    one held against the other             check_judge.c, check_dir.c, check_cache.c,
 *                                                     check_artifacts.c
 */
#ifndef ML_INGEST_CHECK_STATE_H
#define ML_INGEST_CHECK_STATE_H

#include "ingest/check.h"
#include "ingest/dvc/digest.h"
#include "ingest/table.h"
#include "ledger/query/snapshot.h"

/* ---- what records say ---- */

enum { CHECK_ALGORITHMS = 6 }; /* of enum Algorithm */

/* Digests and size of one content, each algorithm once. */
struct check_content {
    unsigned has; /* 1 << algorithm */
    uint8_t value[CHECK_ALGORITHMS][ML_HASH_SIZE];
    bool has_size;
    uint64_t size; /* bytes */
};
static inline bool check_has(const struct check_content *content, Mledger__Algorithm algorithm)
{
    return (content->has & 1u << algorithm) != 0;
}
void check_content_add(struct check_content *content, const Mledger__Digest *digest);
/* The one that decides; unspecified where there is none. */
Mledger__Algorithm check_strongest(const struct check_content *content);
bool check_content_is_directory(const struct check_content *content);

struct check_claim {
    const char *path; /* from the root */
    enum ml_check_place place;
    struct check_content content;
    bool is_directory, is_file; /* neither: the record does not say */
    bool is_output;             /* of a pipeline's stage, so that DVC's cache may hold it */
    uint64_t *seqs;
    size_t n_seqs, cap_seqs;
    const char *what;
    const uint8_t *manifest; /* SHA-256 of the attachment with the list of its files, or NULL */
    struct check_claim
        *also; /* another content that the same snapshot names by this path, or NULL */
};

/* ---- what is there ---- */

enum check_presence {
    CHECK_IS_FILE,
    CHECK_IS_DIRECTORY,
    CHECK_IS_SPECIAL,
    CHECK_IS_MISSING,
    CHECK_IS_OUTSIDE,
    CHECK_IS_UNREADABLE,
};

enum { CHECK_PLAIN_SHA256 = ML_HASH_SHA256, CHECK_PLAIN_MD5 = ML_HASH_MD5, CHECK_LINES = 4 };

/* One path of the file system; read once, whoever asks. */
struct check_file {
    const char *path; /* from the root; absolute if it lies outside and that may be read */
    const char *real; /* without links; NULL: not to be opened */
    enum check_presence presence;
    char *reason;    /* why it cannot be read; malloc()ed, or NULL */
    uint64_t size;   /* bytes, first as the file system says, then as read */
    unsigned wanted; /* what is to be computed … */
    unsigned known;  /* … and what was */
    bool is_executable, is_counted;
    uint8_t sha256[ML_HASH_SIZE], md5[ML_MD5_SIZE];
    struct ml_dvc_digest lines; /* with CHECK_LINES */
    struct check_dir *dir;      /* of a directory, once it was listed */
};

struct check_member {
    const char *path; /* from the directory */
    struct check_file *file;
    bool is_ignored; /* DVC does not list it */
};

struct check_dir {
    struct check_member *members; /* by path */
    size_t count, cap;
    const char *reason; /* why it cannot be listed whole, or NULL */
};

/* ---- the check ---- */

struct check_project {
    const char *path; /* from the root, "." for it */
    const char *name; /* that its pipeline bears or would bear */
};

struct check_cache; /* check_cache.c */

struct check {
    struct ml_reader *reader;
    struct ml_snapshots snapshots;
    const struct ml_check_options *options;
    struct ml_basis *basis;
    struct ml_check *result;
    struct ml_pool pool;
    const char *root; /* the directory, absolute and without links */
    struct check_project *projects;
    size_t n_projects, cap_projects;
    struct ml_table runs; /* folders of runs and logged models in MLflow stores, by id: char */
    struct check_claim **claims;
    size_t n_claims, cap_claims;
    struct ml_table claims_by_key;
    bool has_only; /* content that was asked for: other claims are dropped */
    struct check_content only;
    struct check_file **files;
    size_t n_files, cap_files;
    struct ml_table files_by_path;
    struct check_cache *cache;
};

/* ---- check_claim.c ---- */

/* Adds what record `seq` says of a path; takes over all of `claim` but its seqs. The same said
 * twice is one claim of two records. */
int check_claim_add(struct check *check, const struct check_claim *claim, uint64_t seq) ML_MUST_USE;

/* ---- check_place.c ---- */

/* Finds the DVC projects and MLflow stores in the directory. */
int check_places_find(struct check *check) ML_MUST_USE;
/* `path` from the root if it lies in the directory; NULL in *ret_path if not. `directory`
 * (absolute, or NULL: not known) is where a relative one begins. */
int check_place(struct check *check, const char *directory, const char *path,
                const char **ret_path) ML_MUST_USE;
/* The same for what was given on a command line. Where it is nowhere on this machine any more, the
 * directory may have been moved: then it is the same path in it, if that is there or `named`. */
int check_place_given(struct check *check, const char *directory, const char *path, bool named,
                      const char **ret_path) ML_MUST_USE;
/* Whether anything is at the path, from the root. */
bool check_is_there(struct check *check, const char *path);

/* ---- check_target.c ---- */

/* The claims of what was asked for. */
int check_targets(struct check *check) ML_MUST_USE;

/* ---- check_pipeline.c, check_run.c ---- */

/* `named`: by a reference; then not to know where it lies is an error. */
int check_pipeline_claim(struct check *check, uint64_t seq, bool named) ML_MUST_USE;
int check_dataset_claim(struct check *check, uint64_t seq, bool named) ML_MUST_USE;
int check_artifacts_claim(struct check *check, uint64_t seq, bool named) ML_MUST_USE;
/* Of several records, ascending, those that name any; of a path named twice the newest. */
int check_artifacts_newest(struct check *check, const uint64_t *seqs, size_t count,
                           bool named) ML_MUST_USE;

/* ---- check_file.c ---- */

/* The file or directory at the path, from the root; looked at, not read. */
int check_file_at(struct check *check, const char *path, struct check_file **ret_file) ML_MUST_USE;
/* The same where `real` is known to be it. */
int check_file_known(struct check *check, const char *path, const char *real, uint64_t size,
                     struct check_file **ret_file) ML_MUST_USE;
/* Reads all files of which something is wanted that is not known, on all cores. What fails about
 * one is its reason. */
int check_files_read(struct check *check) ML_MUST_USE;

/* ---- check_walk.c ---- */

/* Lists a directory, once. What cannot be listed is its reason. */
int check_walk(struct check *check, struct check_file *directory) ML_MUST_USE;

/* ---- check_list.c ---- */

/* A file as a recorded list has it. */
struct check_listed {
    const char *path;
    struct check_content content;
};
struct check_list {
    struct ml_pool pool;
    struct check_listed *files; /* by path */
    size_t count, cap;
    bool is_dvc;       /* else a manifest */
    bool is_converted; /* of before DVC 3.0: its MD5s are of content with line ends converted */
};
void check_list_release(struct check_list *list);
/* The text of a manifest (ingest/manifest.h), or DVC's list of a directory; parses foreign bytes.
 * MLEDGER_EINVALID: it is none. */
int check_list_read_manifest(struct ml_span text, struct check_list *list) ML_MUST_USE;
int check_list_read_dvc(struct ml_span text, struct check_list *list) ML_MUST_USE;
/* Takes its MD5s for those of before DVC 3.0. */
void check_list_convert(struct check_list *list);

/* ---- check_judge.c ---- */

/* How content fits what a record says. */
struct check_verdict {
    enum ml_check_state state; /* same, modified or line ends */
    Mledger__Algorithm algorithm;
    const char *note; /* NULL: none */
    bool weak;
};
/* What must be computed of a file to judge it. */
unsigned check_wants(const struct check_content *content);
/* The file was read. */
void check_judge_file(const struct check_content *content, const struct check_file *file,
                      struct check_verdict *ret_verdict);
/* The digest of the file that belongs beside the recorded one; `algorithm` is of a file. */
void check_found(const struct check_file *file, Mledger__Algorithm algorithm,
                 struct ml_check_digest *ret_digest);

/* ---- entries: check.c ---- */

int check_entry(struct check *check, const struct ml_check_entry *entry) ML_MUST_USE;
/* An entry about a claim, with what the record says filled in. */
struct ml_check_entry check_entry_of(const struct check_claim *claim, const char *path,
                                     enum ml_check_state state, const char *note);
/* For what cannot be judged because of what is at its path; false if it can. */
bool check_presence_entry(const struct check_file *file, struct ml_check_entry *entry);

/* check_dir.c: the entries of a claim about a directory, all of whose files were read. */
int check_dir_entries(struct check *check, const struct check_claim *claim,
                      struct check_file *directory) ML_MUST_USE;
/* Wants more read of those files of which it may be that only line ends differ. */
int check_dir_want_lines(struct check *check, const struct check_claim *claim,
                         struct check_file *directory) ML_MUST_USE;

/* check_cache.c */
/* Lists the objects of all caches and wants them read. */
int check_cache_list(struct check *check, struct check_cache **ret_cache) ML_MUST_USE;
int check_cache_entries(struct check *check, struct check_cache *cache) ML_MUST_USE;
void check_cache_freep(struct check_cache **cache);
/* The path of the object called so (`list`: a directory's), NULL: none. That it is what it is
 * called is for the caller to see. *ret_legacy: in the layout of before DVC 3.0. */
const char *check_cache_object(const struct check_cache *cache, const uint8_t md5[ML_MD5_SIZE],
                               bool list, bool *ret_legacy);
/* Whether the caches, if there are any objects in them, have one of the claim's name. */
enum check_holding { CHECK_CACHE_UNKNOWN, CHECK_CACHE_HOLDS, CHECK_CACHE_LACKS };
enum check_holding check_cache_holds(const struct check_cache *cache,
                                     const struct check_claim *claim);
/* After the first reading: wants the line ends looked at, where they may be all that differs. */
void check_cache_want_lines(struct check_cache *cache);

/* check_artifacts.c: files in the artifacts of recorded runs that no record names. */
int check_artifacts_list(struct check *check) ML_MUST_USE;

#endif
