/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of an SQLite database, read row by row and by the names of columns: MLflow's schema has
 * had dozens of revisions, and what a database lacks is read as absent. The one file that includes
 * sqlite3.h; what the tables mean may not enter here.
 *
 * The database may be a stranger's, and another program may have it open and write to it. It is
 * opened read-only and nothing in it is run: only real tables are read (no views), and the schema
 * is not trusted. Between ml_sql_begin() and ml_sql_end() everything is read from one snapshot.
 *
 * Errors: MLEDGER_EINVALID where the database is damaged, is none, or a row holds what it must not;
 * MLEDGER_ESYSTEM where it cannot be opened or read, stays locked for ten seconds, or memory is
 * out. Texts begin with the path as it was given.
 *
 * Threads: a database and its rows belong to one thread at a time.
 */
#ifndef ML_INGEST_MLFLOW_SQL_H
#define ML_INGEST_MLFLOW_SQL_H

#include "ingest/pool.h"

struct ml_sql;

/* Whether the regular file `path` begins as an SQLite database does. Returns 1, 0, or
 * MLEDGER_ESYSTEM when it cannot be read. */
int ml_sql_is_database(const char *path) ML_MUST_USE;

int ml_sql_open(const char *path, struct ml_sql **ret_sql) ML_MUST_USE;
void ml_sql_free(struct ml_sql *sql); /* accepts NULL */
static inline void ml_sql_freep(struct ml_sql **sql)
{
    ml_sql_free(*sql);
}

int ml_sql_begin(struct ml_sql *sql) ML_MUST_USE;
void ml_sql_end(struct ml_sql *sql);

/* Whether there is a table of that name. Returns 1, 0 or an error. */
int ml_sql_has_table(struct ml_sql *sql, const char *table) ML_MUST_USE;

/* What is asked of one table. All texts are constants of the program, never from outside. */
struct ml_sql_query {
    const char *table;
    const char *const
        *columns;      /* ends with NULL; those that the table lacks are NULL in each row */
    size_t required;   /* so many of the first columns it must have */
    const char *where; /* SQL over required columns, ?1 and ?2; NULL: all rows */
    const char *scope; /* a column that must be ?3, if the table has it; NULL: none */
    const char *order; /* SQL over required columns and rowid; NULL: any order */
};

enum { ML_SQL_COLUMNS_MAX = 32 };

/* Texts for ?1 to ?3; NULL where the query has none. */
struct ml_sql_values {
    const char *of[3];
};

struct ml_sql_rows;

/* Starts reading. A table that is not there has no rows. The rows belong to the database; one query
 * has one set of rows at a time, so end it before asking again. MLEDGER_EINVALID: the table lacks a
 * required column. */
int ml_sql_select(struct ml_sql *sql, const struct ml_sql_query *query,
                  const struct ml_sql_values *values, struct ml_sql_rows **ret_rows) ML_MUST_USE;
/* Goes to the next row. Returns 1, 0 at the end, or an error. */
int ml_sql_next(struct ml_sql_rows *rows) ML_MUST_USE;
void ml_sql_rows_end(struct ml_sql_rows *rows); /* accepts NULL */
static inline void ml_sql_rows_endp(struct ml_sql_rows **rows)
{
    ml_sql_rows_end(*rows);
}

/*
 * Values of the row at hand, by the column's place in the query. Text is copied into the pool; NULL
 * where the database has NULL or no such column. Numbers are `otherwise` there. MLEDGER_EINVALID
 * names table, column and row: text that is a BLOB, holds NUL, is no UTF-8 or has over `max` bytes;
 * a number that is none.
 */
int ml_sql_text(const struct ml_sql_rows *rows, size_t column, size_t max, struct ml_pool *pool,
                const char **ret_text) ML_MUST_USE;
int ml_sql_integer(const struct ml_sql_rows *rows, size_t column, int64_t otherwise,
                   int64_t *ret_number) ML_MUST_USE;
int ml_sql_double(const struct ml_sql_rows *rows, size_t column, double otherwise,
                  double *ret_number) ML_MUST_USE;
/* MLEDGER_EINVALID with a sentence about a column of the row: "DB: table runs, row 'ID': status …".
 */
int ml_sql_fail(const struct ml_sql_rows *rows, size_t column, const char *what) ML_MUST_USE;

#endif
