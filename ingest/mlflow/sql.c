/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/utf8.h"

enum { BUSY_MS = 10000, SHOWN_MAX = 64 };

/* A query once it was asked, kept to be asked again: a store asks a few of them for each run. */
struct ml_sql_rows {
    struct ml_sql_rows *next;
    struct ml_sql *sql;
    const struct ml_sql_query *query;
    sqlite3_stmt *statement; /* NULL: there is no such table */
    bool open;
};

struct ml_sql {
    sqlite3 *db;
    char *path;
    bool reading; /* between begin and end */
    struct ml_sql_rows *asked;
};

int ml_sql_is_database(const char *path)
{
    static const char magic[16] = "SQLite format 3";
    char begin[sizeof magic];
    struct stat status;
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return 0;
    const ssize_t n = pread(fd, begin, sizeof begin, 0);
    if (n < 0)
        return ml_fail_errno(errno, "cannot read '%s'", path);
    return n == (ssize_t)sizeof begin && memcmp(begin, magic, sizeof magic) == 0;
}

/* The code and the sentence for what SQLite said last. */
static int fail(const struct ml_sql *sql, int code)
{
    const char *text = sql->db ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return ml_fail_memory();
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* the statements are ours: it is the schema that does not fit */
    case SQLITE_TOOBIG:
        return ml_fail(MLEDGER_EINVALID, "%s: %s", sql->path, text);
    default:
        return ml_fail(MLEDGER_ESYSTEM, "cannot read '%s': %s", sql->path, text);
    }
}

static int configure(struct ml_sql *sql)
{
    sqlite3_extended_result_codes(sql->db, 1);
    int code = sqlite3_busy_timeout(sql->db, BUSY_MS);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(sql->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(sql->db, "PRAGMA query_only = 1; PRAGMA cell_size_check = 1", NULL,
                            NULL, NULL);
    return code == SQLITE_OK ? MLEDGER_OK : fail(sql, code);
}

/* A database in WAL mode in a place where its -shm file cannot be made can only be read as one that
 * nobody writes to; that holds where there is no -wal file. */
static int open_immutable(struct ml_sql *sql)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf uri = {0};
    ML_TRY(ml_buf_append_text(&uri, "file:"));
    for (const char *at = sql->path; *at; at++)
        if (strchr("?#% ", *at))
            ML_TRY(ml_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*at));
        else
            ML_TRY(ml_buf_append_char(&uri, *at));
    ML_TRY(ml_buf_append(&uri, "?immutable=1", sizeof "?immutable=1"));
    sqlite3_close(sql->db);
    sql->db = NULL;
    const int code = sqlite3_open_v2((const char *)uri.data, &sql->db,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    return code == SQLITE_OK ? configure(sql) : fail(sql, code);
}

static bool has_wal(const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf wal = {0};
    struct stat status;
    if (ml_buf_append_text(&wal, path) < 0 || ml_buf_append(&wal, "-wal", 5) < 0)
        return true;
    return stat((const char *)wal.data, &status) == 0 && status.st_size > 0;
}

static int probe(struct ml_sql *sql)
{
    return sqlite3_exec(sql->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
}

static int open_database(struct ml_sql *sql)
{
    int code = sqlite3_open_v2(sql->path, &sql->db, SQLITE_OPEN_READONLY, NULL);
    if (code != SQLITE_OK)
        return fail(sql, code);
    ML_TRY(configure(sql));
    code = probe(sql);
    if ((code & 0xff) == SQLITE_CANTOPEN && !has_wal(sql->path)) {
        ML_TRY(open_immutable(sql));
        code = probe(sql);
    }
    return code == SQLITE_OK ? MLEDGER_OK : fail(sql, code);
}

int ml_sql_open(const char *path, struct ml_sql **ret_sql)
{
    ML_CLEANUP(ml_sql_freep) struct ml_sql *sql = ml_calloc(1, sizeof *sql);
    if (!sql || !(sql->path = strdup(path)))
        return ml_fail_memory();
    ML_TRY(open_database(sql));
    *ret_sql = ML_TAKE(sql);
    return MLEDGER_OK;
}

void ml_sql_free(struct ml_sql *sql)
{
    if (!sql)
        return;
    while (sql->asked) {
        struct ml_sql_rows *rows = sql->asked;
        sql->asked = rows->next;
        sqlite3_finalize(rows->statement);
        free(rows);
    }
    ml_sql_end(sql);
    sqlite3_close(sql->db);
    free(sql->path);
    free(sql);
}

static int prepare(const struct ml_sql *sql, const char *text, sqlite3_stmt **ret_statement)
{
    const int code = sqlite3_prepare_v2(sql->db, text, -1, ret_statement, NULL);
    return code == SQLITE_OK ? MLEDGER_OK : fail(sql, code);
}

static int bind(const struct ml_sql *sql, sqlite3_stmt *statement, int place, const char *text)
{
    if (!text)
        return MLEDGER_OK;
    const int code = sqlite3_bind_text(statement, place, text, -1, SQLITE_TRANSIENT);
    return code == SQLITE_OK ? MLEDGER_OK : fail(sql, code);
}

/* 1: there is a row; 0: there is none. */
static int step(const struct ml_sql *sql, sqlite3_stmt *statement)
{
    const int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return 1;
    return code == SQLITE_DONE ? 0 : fail(sql, code);
}

static int read_number(struct ml_sql *sql, const char *pragma, int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int result = prepare(sql, pragma, &statement);
    if (result >= 0)
        result = step(sql, statement);
    *ret_number = result > 0 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return result < 0 ? result : MLEDGER_OK;
}

/* SQLite reads what is missing of the last page as zeros, and rows vanish without a word. Called
 * under its lock, so nobody is writing; with a -wal file the database may rightly be short. */
static int check_length(struct ml_sql *sql)
{
    int64_t pages, page_size;
    struct stat status;
    ML_TRY(read_number(sql, "PRAGMA page_count", &pages));
    ML_TRY(read_number(sql, "PRAGMA page_size", &page_size));
    if (has_wal(sql->path))
        return MLEDGER_OK;
    if (stat(sql->path, &status) != 0)
        return ml_fail_errno(errno, "cannot read '%s'", sql->path);
    if (status.st_size >= pages * page_size)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s: cut off: %" PRId64 " bytes where %" PRId64 " are due",
                   sql->path, (int64_t)status.st_size, pages * page_size);
}

int ml_sql_begin(struct ml_sql *sql)
{
    /* A deferred transaction takes its snapshot at the first read. */
    int code = sqlite3_exec(sql->db, "BEGIN", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return fail(sql, code);
    sql->reading = true;
    code = probe(sql);
    return code == SQLITE_OK ? check_length(sql) : fail(sql, code);
}

void ml_sql_end(struct ml_sql *sql)
{
    if (sql->reading)
        (void)sqlite3_exec(sql->db, "ROLLBACK", NULL, NULL, NULL);
    sql->reading = false;
}

static int asks(const struct ml_sql *sql, const char *text, const char *first, const char *second)
{
    sqlite3_stmt *statement = NULL;
    int result = prepare(sql, text, &statement);
    if (result >= 0)
        result = bind(sql, statement, 1, first);
    if (result >= 0)
        result = bind(sql, statement, 2, second);
    if (result >= 0)
        result = step(sql, statement);
    sqlite3_finalize(statement);
    return result;
}

int ml_sql_has_table(struct ml_sql *sql, const char *table)
{
    return asks(sql, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1", table, NULL);
}

static int has_column(const struct ml_sql *sql, const char *table, const char *column)
{
    return asks(sql, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", table, column);
}

static int write_query(const struct ml_sql *sql, const struct ml_sql_query *query,
                       struct ml_buf *text)
{
    ML_TRY(ml_buf_append_text(text, "SELECT"));
    for (size_t i = 0; query->columns[i]; i++) {
        assert(i < ML_SQL_COLUMNS_MAX);
        const int has = has_column(sql, query->table, query->columns[i]);
        ML_TRY(has);
        if (!has && i < query->required)
            return ml_fail(MLEDGER_EINVALID, "%s: table %s has no column %s", sql->path,
                           query->table, query->columns[i]);
        ML_TRY(has ? ml_buf_printf(text, "%s \"%s\"", i ? "," : "", query->columns[i])
                   : ml_buf_printf(text, "%s NULL", i ? "," : ""));
    }
    ML_TRY(ml_buf_printf(text, " FROM \"%s\"", query->table));
    if (query->where)
        ML_TRY(ml_buf_printf(text, " WHERE %s", query->where));
    if (query->scope) {
        const int has = has_column(sql, query->table, query->scope);
        ML_TRY(has);
        if (has)
            ML_TRY(ml_buf_printf(text, " AND \"%s\" = ?3", query->scope));
    }
    if (query->order)
        ML_TRY(ml_buf_printf(text, " ORDER BY %s", query->order));
    return ml_buf_append_char(text, '\0');
}

static int prepare_rows(struct ml_sql *sql, const struct ml_sql_query *query,
                        struct ml_sql_rows **ret_rows)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    sqlite3_stmt *statement = NULL;
    const int has = ml_sql_has_table(sql, query->table);
    ML_TRY(has);
    if (has) {
        ML_TRY(write_query(sql, query, &text));
        ML_TRY(prepare(sql, (const char *)text.data, &statement));
    }
    struct ml_sql_rows *rows = ml_calloc(1, sizeof *rows);
    if (!rows) {
        sqlite3_finalize(statement);
        return ml_fail_memory();
    }
    *rows = (struct ml_sql_rows){
        .next = sql->asked, .sql = sql, .query = query, .statement = statement};
    *ret_rows = sql->asked = rows;
    return MLEDGER_OK;
}

static struct ml_sql_rows *find_rows(const struct ml_sql *sql, const struct ml_sql_query *query)
{
    struct ml_sql_rows *rows = sql->asked;
    while (rows && rows->query != query)
        rows = rows->next;
    return rows;
}

int ml_sql_select(struct ml_sql *sql, const struct ml_sql_query *query,
                  const struct ml_sql_values *values, struct ml_sql_rows **ret_rows)
{
    struct ml_sql_rows *rows = find_rows(sql, query);
    if (!rows)
        ML_TRY(prepare_rows(sql, query, &rows));
    assert(!rows->open);
    const int places = rows->statement ? sqlite3_bind_parameter_count(rows->statement) : 0;
    for (int i = 0; i < places; i++)
        ML_TRY(bind(sql, rows->statement, i + 1, values->of[i]));
    rows->open = true;
    *ret_rows = rows;
    return MLEDGER_OK;
}

int ml_sql_next(struct ml_sql_rows *rows)
{
    return rows->statement ? step(rows->sql, rows->statement) : 0;
}

void ml_sql_rows_end(struct ml_sql_rows *rows)
{
    if (!rows)
        return;
    sqlite3_reset(rows->statement);
    rows->open = false;
}

int ml_sql_fail(const struct ml_sql_rows *rows, size_t column, const char *what)
{
    const struct ml_sql_query *query = rows->query;
    const unsigned char *id = sqlite3_column_text(rows->statement, 0);
    const int len = sqlite3_column_bytes(rows->statement, 0);
    return ml_fail(MLEDGER_EINVALID, "%s: table %s, row '%.*s': %s %s", rows->sql->path,
                   query->table, len < SHOWN_MAX ? len : SHOWN_MAX, id ? (const char *)id : "",
                   query->columns[column], what);
}

int ml_sql_text(const struct ml_sql_rows *rows, size_t column, size_t max, struct ml_pool *pool,
                const char **ret_text)
{
    const int place = (int)column;
    const int type = sqlite3_column_type(rows->statement, place);
    if (type == SQLITE_NULL) {
        *ret_text = NULL;
        return MLEDGER_OK;
    }
    if (type == SQLITE_BLOB)
        return ml_sql_fail(rows, column, "is no text");
    const unsigned char *text = sqlite3_column_text(rows->statement, place);
    if (!text)
        return ml_fail_memory();
    const size_t len = (size_t)sqlite3_column_bytes(rows->statement, place);
    if (len > max)
        return ml_sql_fail(rows, column, "is longer than it may be");
    if (!ml_utf8_is_text(ML_SPAN(text, len)))
        return ml_sql_fail(rows, column, "is no UTF-8 text without NUL");
    *ret_text = ml_pool_text(pool, (const char *)text, len);
    return *ret_text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

int ml_sql_integer(const struct ml_sql_rows *rows, size_t column, int64_t otherwise,
                   int64_t *ret_number)
{
    const int place = (int)column;
    switch (sqlite3_column_type(rows->statement, place)) {
    case SQLITE_NULL:
        *ret_number = otherwise;
        return MLEDGER_OK;
    case SQLITE_INTEGER:
        *ret_number = sqlite3_column_int64(rows->statement, place);
        return MLEDGER_OK;
    default:
        return ml_sql_fail(rows, column, "is no integer");
    }
}

int ml_sql_double(const struct ml_sql_rows *rows, size_t column, double otherwise,
                  double *ret_number)
{
    const int place = (int)column;
    switch (sqlite3_column_type(rows->statement, place)) {
    case SQLITE_NULL:
        *ret_number = otherwise;
        return MLEDGER_OK;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        *ret_number = sqlite3_column_double(rows->statement, place);
        return MLEDGER_OK;
    default:
        return ml_sql_fail(rows, column, "is no number");
    }
}
