/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files against the ledger: what lies in a directory now is read again, whole, and held against
 * what records say. No time of a file, no size alone, no cache and no lock is believed.
 *
 * Which records. Without references, of all that name paths in the directory the newest: the newest
 * snapshot of each pipeline, version of each dataset, artifact of each run. With references, what
 * those records name, at any age.
 *
 * Where their paths lie. A path begins where its record says (details.directory), a pipeline's at
 * the root of its project. A project or MLflow store that was moved or cloned is found again by the
 * pipeline's name (ingest/import.h) or the run's id. Other paths that are nowhere in the directory
 * count as recorded elsewhere.
 *
 * What is read. Only what lies in the directory, also behind links: a name that leads out of it
 * ("../x", "/data/x", a link) is not followed unless options.outside says so. URLs never are. Links
 * inside are followed, and whatever is neither file nor directory is not opened.
 *
 * What is held against what. Of several digests the strongest decides: SHA-256, then MD5, then
 * DVC's of before 3.0 (md5-dos2unix, by either of DVC's two rules; see ingest/dvc/digest.h). As the
 * latter is blind to ends of lines, the recorded size is held against the file's too; where the two
 * say different things, or a plain MD5 fits once the ends of lines are converted, only the ends of
 * lines differ. A directory is held against its manifest or DVC's list; where it differs, the
 * recorded list says which files do: the manifest kept in the ledger, or the list in DVC's cache,
 * which proves itself by its digest.
 *
 * Beside the files: every object in a cache of DVC's in the directory (.dvc/cache of a project; one
 * that its settings put elsewhere is not looked at) is held against its own name
 * and against what records say of that content; every file in a recorded run's artifacts against
 * the run's.
 *
 * What cannot be seen: a change of line ends that keeps the size, where md5-dos2unix is all that is
 * recorded; content forged to have the same MD5, where MD5 is. `weak` counts such entries.
 */
#ifndef ML_INGEST_CHECK_H
#define ML_INGEST_CHECK_H

#include "ingest/hashing.h"
#include "ingest/pool.h"
#include "ledger/query/basis.h"
#include "ledger/query/reader.h"

/* What became of something. The words of the JSON are ml_check_state_name()'s. */
enum ml_check_state {
    ML_CHECK_SAME,
    ML_CHECK_MODIFIED,
    ML_CHECK_LINE_ENDS,  /* modified, but only in the ends of lines */
    ML_CHECK_MISSING,    /* from where the record says */
    ML_CHECK_UNREADABLE, /* or it changed while it was read */
    ML_CHECK_OUTSIDE,    /* a link leads out of the directory: not read */
    ML_CHECK_UNRECORDED, /* in a recorded directory, in a run's artifacts or in the cache; no record
                            names it */
    ML_CHECK_UNCACHED,   /* an output of a pipeline that DVC's cache, which is there, has no copy of
                          */
    ML_CHECK_STATES,
};
const char *ml_check_state_name(enum ml_check_state state);
/* Whether it is not as recorded. What is unrecorded or not cached is no contradiction. */
bool ml_check_is_fault(enum ml_check_state state);

enum ml_check_place { ML_CHECK_WORKSPACE, ML_CHECK_CACHE, ML_CHECK_ARTIFACTS };
const char *ml_check_place_name(enum ml_check_place place);

/* Enough for each algorithm of a Mledger__Digest but git, which names no file here. */
struct ml_check_digest {
    Mledger__Algorithm algorithm; /* unspecified: none */
    uint8_t value[ML_HASH_SIZE];
    size_t len;
};

/* One path, and what was found out about it. */
struct ml_check_entry {
    enum ml_check_state state;
    enum ml_check_place place;
    const char *path;     /* from the directory */
    const char *what;     /* "pipeline churn", "run 4f2a"; NULL: no record names it */
    const uint64_t *seqs; /* of the records that name it so, ascending */
    size_t n_seqs;
    struct ml_check_digest recorded, found; /* of one algorithm */
    bool has_recorded_size, has_found_size;
    uint64_t recorded_size, found_size; /* bytes */
    const char *note; /* more of it, a sentence without capital or full stop; NULL: nothing */
    bool weak;        /* as recorded by MD5 alone */
};

struct ml_check {
    struct ml_pool pool;
    struct ml_check_entry *entries; /* by path, then place, then newest seq */
    size_t n_entries, cap_entries;
    size_t counts[ML_CHECK_STATES];
    size_t n_weak;
    uint64_t files, bytes; /* that were read */
    size_t elsewhere;      /* recorded things whose paths lie elsewhere */
    size_t without_digest; /* recorded paths in the directory without a digest of content */
};
void ml_check_free(struct ml_check *check);
void ml_check_freep(struct ml_check **check); /* for ML_CLEANUP */

struct ml_check_options {
    const char *const *references; /* ledger/query/reference.h */
    size_t n_references;           /* 0: all that lies in the directory */
    bool outside;                  /* follow names and links that lead out of the directory */
    ml_hashing_progress progress;  /* NULL: none */
    void *progress_context;
};

/*
 * Checks `dir` against the records up to the reader's. Sentences on what is not known go to
 * `basis`, and the records used. MLEDGER_ENOTFOUND: there is no directory `dir`; a reference names
 * nothing; a record that one names does not say where its files lie. MLEDGER_EUSAGE: a reference
 * names something without files. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM: the ledger or `dir` itself
 * cannot be read. One file that cannot be read is an entry.
 */
int ml_check_run(struct ml_reader *reader, const char *dir, const struct ml_check_options *options,
                 struct ml_basis *basis, struct ml_check **ret_check) ML_MUST_USE;

#endif
