/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an MLflow file store (`mlruns/`) says, as plain structs. Reading it from disk is store.h's
 * and the modules' beneath it; what it means as records may not enter here.
 *
 * Text is UTF-8 without NUL bytes; NULL where the store says nothing, "" where it says "". Times
 * are milliseconds since 1970-01-01 UTC as MLflow writes them, ML_MLFLOW_NO_TIME where it wrote
 * none. Lists are sorted as each says, so that two readings of one store are the same.
 *
 * Ownership: everything is owned by whoever handed the struct out (store.h says until when).
 */
#ifndef ML_INGEST_MLFLOW_ENTITIES_H
#define ML_INGEST_MLFLOW_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ML_MLFLOW_NO_TIME INT64_MIN

/* A parameter or a tag. A key may hold slashes: the store nests folders for them. A value may be
 * empty and may have many lines; it is the file's content to the byte. */
struct ml_mlflow_pair {
    const char *key;
    const char *value;
};
/* Sorted by key, bytewise; no key twice. */
struct ml_mlflow_pairs {
    const struct ml_mlflow_pair *items;
    size_t count;
};

/* One line of a metric's file. */
struct ml_mlflow_point {
    int64_t timestamp_ms;
    int64_t step;     /* 0 where the line has two fields (MLflow 0.x) */
    double value;     /* may be infinite or not a number */
    const char *text; /* the value as written: "0.91", "nan", "-inf" */
    /* What the line was measured on (MLflow 3: five fields), else NULL. */
    const char *dataset_name;
    const char *dataset_digest;
    const char *run_id; /* metrics of a logged model: who measured it; else NULL */
};
struct ml_mlflow_metric {
    const char *key;
    const struct ml_mlflow_point *points; /* in the order of the file; at least one */
    size_t count;
    size_t duplicates; /* lines that said again what an earlier line said; not in `points` */
};
/* Sorted by key, bytewise. */
struct ml_mlflow_metrics {
    const struct ml_mlflow_metric *items;
    size_t count;
};

/* A file below an artifacts folder. */
struct ml_mlflow_artifact {
    const char *path; /* relative to the artifacts folder, with '/' */
    uint64_t size;    /* bytes */
    /* Of the whole content; all zero when options.skip_hashing was set. */
    uint8_t sha256[32];
    uint8_t md5[16];
    bool linked; /* a symbolic link to a file inside the same run or logged model */
};

/* An MLmodel file among the artifacts. */
struct ml_mlflow_mlmodel {
    const char *path; /* of the file, relative to the artifacts folder: "model/MLmodel" */
    const char *run_id;
    const char *model_uuid;
    const char *model_id; /* MLflow 3 */
    const char *artifact_path;
    const char *mlflow_version;
    const char *utc_time_created; /* as written */
    const char *const *flavors;   /* names, sorted bytewise */
    size_t flavor_count;
    bool has_signature;
};

/* All below one artifacts folder. */
struct ml_mlflow_artifacts {
    const struct ml_mlflow_artifact *items; /* sorted by path, bytewise */
    size_t count;
    const struct ml_mlflow_mlmodel *mlmodels; /* sorted by path, bytewise */
    size_t mlmodel_count;
};

enum ml_mlflow_lifecycle {
    ML_MLFLOW_ACTIVE,
    ML_MLFLOW_DELETED,
};

struct ml_mlflow_experiment {
    const char *path; /* of its folder, relative to the store */
    const char *id;
    const char *name;              /* NULL: its meta.yaml is left out, but runs of it were found */
    const char *artifact_location; /* as written; mostly a path of another machine */
    enum ml_mlflow_lifecycle lifecycle;
    bool in_trash; /* its folder is in .trash */
    int64_t created_ms;
    int64_t updated_ms;
    struct ml_mlflow_pairs tags;
};

/* What MLflow calls a dataset. The digest is a label of MLflow's (mostly 8 hex characters of an
 * MD5 over some rows), never a digest of content. */
struct ml_mlflow_dataset {
    const char *id; /* name of its folder */
    const char *name;
    const char *digest;
    const char *source_type;
    const char *source;  /* JSON as written */
    const char *schema;  /* JSON as written */
    const char *profile; /* JSON as written */
};

struct ml_mlflow_dataset_input {
    const char *id; /* name of its folder; inputs are sorted by it */
    struct ml_mlflow_dataset dataset;
    const char *context; /* tag mlflow.data.context: "training", … */
    struct ml_mlflow_pairs tags;
};

/* A logged model that a run read or wrote (MLflow 3). Sorted by model_id. */
struct ml_mlflow_model_link {
    const char *model_id;
    int64_t step; /* of an output; 0 for inputs */
};

/* The numbers are MLflow's own (service.proto, RunStatus). */
enum ml_mlflow_run_status {
    ML_MLFLOW_RUN_RUNNING = 1,
    ML_MLFLOW_RUN_SCHEDULED = 2,
    ML_MLFLOW_RUN_FINISHED = 3,
    ML_MLFLOW_RUN_FAILED = 4,
    ML_MLFLOW_RUN_KILLED = 5,
};

struct ml_mlflow_run {
    const char *path; /* of its folder, relative to the store */
    const char *id;
    const char *experiment_id;
    const char *name; /* of meta.yaml, else of the tag mlflow.runName; NULL if neither has one */
    enum ml_mlflow_run_status status;
    enum ml_mlflow_lifecycle lifecycle;
    const char *user;         /* user_id, else the tag mlflow.user */
    const char *source_type;  /* the tag mlflow.source.type, else meta.yaml's number as its name */
    const char *source_name;  /* meta.yaml's, else the tag mlflow.source.name */
    const char *artifact_uri; /* as written; never followed */
    int64_t started_ms;
    int64_t ended_ms;
    int64_t deleted_ms;
    struct ml_mlflow_pairs params;
    struct ml_mlflow_pairs tags;
    struct ml_mlflow_metrics metrics;
    const struct ml_mlflow_dataset_input *inputs;
    size_t input_count;
    const struct ml_mlflow_model_link *model_inputs;
    size_t model_input_count;
    const struct ml_mlflow_model_link *model_outputs;
    size_t model_output_count;
    struct ml_mlflow_artifacts artifacts;
};

/* The numbers are MLflow's own (service.proto, LoggedModelStatus). */
enum ml_mlflow_logged_model_status {
    ML_MLFLOW_LOGGED_MODEL_UNSPECIFIED = 0,
    ML_MLFLOW_LOGGED_MODEL_PENDING = 1,
    ML_MLFLOW_LOGGED_MODEL_READY = 2,
    ML_MLFLOW_LOGGED_MODEL_FAILED = 3,
};

/* A logged model of MLflow 3: `<experiment>/models/m-…`. */
struct ml_mlflow_logged_model {
    const char *path; /* of its folder, relative to the store */
    const char *id;
    const char *experiment_id;
    const char *name;
    const char *type;
    const char *source_run_id;
    const char *artifact_location; /* as written; never followed */
    enum ml_mlflow_logged_model_status status;
    const char *status_message;
    enum ml_mlflow_lifecycle lifecycle;
    int64_t created_ms;
    int64_t updated_ms;
    struct ml_mlflow_pairs params;
    struct ml_mlflow_pairs tags;
    struct ml_mlflow_metrics metrics;
    struct ml_mlflow_artifacts artifacts;
};

/* A version of a registered model. MLflow keeps the current stage only, never who moved it when. */
struct ml_mlflow_version {
    const char *path;  /* of its folder, relative to the store */
    uint64_t number;   /* from 1 */
    const char *stage; /* "None", "Staging", "Production", "Archived"; NULL when deleted */
    bool deleted;      /* MLflow wrote the stage Deleted_Internal */
    const char *run_id;
    const char *model_id; /* MLflow 3 */
    const char *source;   /* as written: a URI, `runs:/…`, `models:/…` */
    const char *storage_location;
    const char *status; /* "READY", … */
    const char *status_message;
    const char *description;
    const char *user;
    int64_t created_ms;
    int64_t updated_ms;
    struct ml_mlflow_pairs tags;
};

struct ml_mlflow_alias {
    const char *name;
    uint64_t version;
};

struct ml_mlflow_registered_model {
    const char *path; /* of its folder, relative to the store */
    const char *name;
    const char *description;
    int64_t created_ms;
    int64_t updated_ms;
    struct ml_mlflow_pairs tags;
    const struct ml_mlflow_alias *aliases; /* sorted by name, bytewise */
    size_t alias_count;
    const struct ml_mlflow_version *versions; /* sorted by number */
    size_t version_count;
};

/* What could not be read. */
struct ml_mlflow_left_out {
    const char *path;   /* relative to the store; bytes that are no text stand as \xNN */
    const char *reason; /* the sentence, beginning with the file and, if there is one, the line */
};

#endif
