/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/mlflow/database.h"
#include "ingest/mlflow/experiment.h"
#include "ingest/mlflow/files.h"
#include "ingest/mlflow/memory.h"
#include "ingest/mlflow/place.h"
#include "ingest/mlflow/reader.h"
#include "ingest/mlflow/registry.h"
#include "ingest/mlflow/server.h"

struct ml_mlflow_store {
    char *root;
    char *beside;                    /* of a database: the folder that it is in */
    struct ml_sql *sql;              /* NULL: no database */
    struct ml_mlflow_server *server; /* NULL: none */
    struct ml_mlflow_reader reader;
};

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int check_folder(const char *dir)
{
    struct stat status;
    if (stat(dir, &status) == 0)
        return S_ISDIR(status.st_mode) ? MLEDGER_OK
                                       : ml_fail(MLEDGER_ENOTFOUND, "'%s' is not a folder", dir);
    if (errno == ENOENT || errno == ENOTDIR)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no folder '%s'", dir);
    return ml_fail_errno(errno, "cannot read '%s'", dir);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Also when it was given as "." or is a link to one. */
static bool is_called_mlruns(const char *dir)
{
    char *real ML_CLEANUP(ml_freep) = realpath(dir, NULL);
    return strcmp(last_part(dir), "mlruns") == 0 ||
           (real && strcmp(last_part(real), "mlruns") == 0);
}

/* A store under another name shows by what is in it: an experiment. Returns 1, 0 or an error. */
static int holds_experiment(const char *dir)
{
    ML_CLEANUP(ml_mlflow_reader_release)
    struct ml_mlflow_reader reader = {.root = dir, .options.keep_going = true};
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_entries folders;
    struct ml_mlflow_file meta;
    ML_TRY(ml_mlflow_list_folders(&reader, &pool, "", &folders));
    for (size_t i = 0; i < folders.count; i++) {
        int code = ml_mlflow_meta_text(&reader, &pool, folders.items[i].name, &meta);
        if (code >= 0 && strstr((const char *)meta.text.data, "experiment_id:"))
            return 1;
        if (code == MLEDGER_ESYSTEM)
            return code;
    }
    return 0;
}

static int fail_no_store(const char *dir)
{
    ML_CLEANUP(ml_mlflow_found_release) struct ml_mlflow_found found = {0};
    ML_TRY(ml_mlflow_store_find(dir, &found));
    int code = ml_fail(MLEDGER_ENOTFOUND,
                       "no MLflow store: '%s' neither is nor holds an mlruns "
                       "folder",
                       dir);
    ML_CLEANUP(ml_buf_release) struct ml_buf database = {0};
    ML_TRY(ml_buf_printf(&database, "%s/mlflow.db", dir));
    ML_TRY(ml_buf_append_char(&database, '\0'));
    if (access((const char *)database.data, R_OK) == 0)
        return ml_hint("mledger import mlflow '%s'", (const char *)database.data);
    return found.count ? ml_hint("mledger import mlflow '%s'", found.paths[0]) : code;
}

static int find_root(const char *dir, struct ml_buf *root)
{
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    ML_TRY(ml_buf_append(root, dir, len));
    ML_TRY(ml_buf_append(root, "\0mlruns", 8));
    char *text = (char *)root->data;
    ML_TRY(check_folder(text));
    if (is_called_mlruns(text))
        return MLEDGER_OK;
    text[len] = '/';
    if (is_folder(text))
        return MLEDGER_OK;
    text[len] = '\0';
    int holds = holds_experiment(text);
    ML_TRY(holds);
    return holds ? MLEDGER_OK : fail_no_store(text);
}

/* "sqlite:///PATH" as SQLAlchemy and MLflow write it: three slashes before a relative path, four
 * before an absolute one. */
static const char *without_scheme(const char *place)
{
    static const char scheme[] = "sqlite:///";
    return strncmp(place, scheme, sizeof scheme - 1) == 0 ? place + sizeof scheme - 1 : place;
}

static int open_database(struct ml_mlflow_store *store, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf beside = {0};
    const char *slash = strrchr(path, '/');
    ML_TRY(ml_buf_append(&beside, slash == path ? "/" : path,
                         slash ? (size_t)(slash - path) + (slash == path) : 0));
    if (!slash)
        ML_TRY(ml_buf_append_char(&beside, '.'));
    ML_TRY(ml_buf_take_text(&beside, &store->beside));
    store->root = strdup(path);
    if (!store->root)
        return ml_fail_memory();
    store->reader.root = store->beside;
    return ml_sql_open(path, &store->sql);
}

static int open_files(struct ml_mlflow_store *store, const char *dir)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf root = {0};
    ML_TRY(find_root(dir, &root));
    store->root = (char *)ML_TAKE(root.data);
    store->reader.root = store->root;
    return MLEDGER_OK;
}

static int open_server(struct ml_mlflow_store *store, const char *url)
{
    ML_TRY(ml_mlflow_server_open(url, &store->reader.options.credentials, &store->server));
    store->reader.options.credentials = (struct ml_mlflow_credentials){0};
    store->root = strdup(ml_mlflow_server_url(store->server));
    store->reader.root = store->root;
    return store->root ? MLEDGER_OK : ml_fail_memory();
}

static int open_store(struct ml_mlflow_store *store, const char *place)
{
    struct stat status;
    if (ml_mlflow_is_url(place))
        return open_server(store, place);
    const char *path = without_scheme(place);
    if (path == place && (stat(path, &status) != 0 || !S_ISREG(status.st_mode)))
        return open_files(store, path);
    const int is = ml_sql_is_database(path);
    ML_TRY(is);
    return is ? open_database(store, path)
              : ml_fail(MLEDGER_ENOTFOUND, "'%s' is not a folder and no SQLite database", path);
}

int ml_mlflow_store_open(const char *place, const struct ml_mlflow_options *options,
                         struct ml_mlflow_store **ret_store)
{
    ML_CLEANUP(ml_mlflow_store_freep)
    struct ml_mlflow_store *store = ml_calloc(1, sizeof *store);
    if (!store)
        return ml_fail_memory();
    if (options)
        store->reader.options = *options;
    ML_TRY(open_store(store, place));
    *ret_store = ML_TAKE(store);
    return MLEDGER_OK;
}

void ml_mlflow_store_free(struct ml_mlflow_store *store)
{
    if (!store)
        return;
    ml_mlflow_reader_release(&store->reader);
    ml_sql_free(store->sql);
    ml_mlflow_server_free(store->server);
    free(store->beside);
    free(store->root);
    free(store);
}

void ml_mlflow_store_freep(struct ml_mlflow_store **store)
{
    ml_mlflow_store_free(*store);
}

enum ml_mlflow_store_kind ml_mlflow_store_kind(const struct ml_mlflow_store *store)
{
    if (store->server)
        return ML_MLFLOW_STORE_SERVER;
    return store->sql ? ML_MLFLOW_STORE_DATABASE : ML_MLFLOW_STORE_FILES;
}

const char *ml_mlflow_store_root(const struct ml_mlflow_store *store)
{
    return store->root;
}

static int visit_experiments(struct ml_mlflow_reader *reader,
                             const struct ml_mlflow_visitor *visitor)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const struct ml_mlflow_experiment_place *places;
    size_t count;
    ML_TRY(ml_mlflow_experiments_list(reader, &pool, &places, &count));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_mlflow_experiment_visit(reader, &places[i], visitor));
    return MLEDGER_OK;
}

static int visit_registered_model(struct ml_mlflow_reader *reader, const char *name,
                                  const struct ml_mlflow_visitor *visitor)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_registered_model model;
    const char *folder;
    ML_TRY(ml_mlflow_join(&pool, "models", name, &folder));
    int code = ml_mlflow_registered_model_read(reader, &pool, name, &model);
    if (code < 0)
        return ml_mlflow_leave_out_thing(reader, folder, code);
    return visitor->registered_model ? visitor->registered_model(visitor->context, &model)
                                     : MLEDGER_OK;
}

static int visit_registry(struct ml_mlflow_reader *reader, const struct ml_mlflow_visitor *visitor)
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_mlflow_entries folders;
    int code = ml_mlflow_list_folders(reader, &pool, "models", &folders);
    if (code < 0)
        return ml_mlflow_leave_out(reader, "models", code);
    for (size_t i = 0; i < folders.count; i++)
        ML_TRY(visit_registered_model(reader, folders.items[i].name, visitor));
    return MLEDGER_OK;
}

static int visit(struct ml_mlflow_store *store, const struct ml_mlflow_visitor *visitor)
{
    ml_mlflow_reader_release(&store->reader);
    if (store->server)
        return ml_mlflow_server_visit(&store->reader, store->server, visitor);
    if (store->sql)
        return ml_mlflow_database_visit(&store->reader, store->sql, visitor);
    ML_TRY(visit_experiments(&store->reader, visitor));
    return visit_registry(&store->reader, visitor);
}

int ml_mlflow_store_visit(struct ml_mlflow_store *store, const struct ml_mlflow_visitor *visitor)
{
    ml_mlflow_memory_begin(store->reader.options.memory, false);
    if (store->server && store->reader.options.visited_twice)
        ML_TRY(ml_mlflow_server_keep(store->server));
    return visit(store, visitor);
}

int ml_mlflow_store_visit_again(struct ml_mlflow_store *store,
                                const struct ml_mlflow_visitor *visitor)
{
    ml_mlflow_memory_begin(store->reader.options.memory, true);
    store->reader.options.skip_hashing = true;
    if (store->server)
        ML_TRY(ml_mlflow_server_replay(store->server));
    return visit(store, visitor);
}

const struct ml_mlflow_left_out *ml_mlflow_store_left_out(const struct ml_mlflow_store *store,
                                                          size_t *ret_count)
{
    *ret_count = store->reader.left_out_count;
    return store->reader.left_out;
}
