/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_dvc_state.h"

static int keep_text(struct ml_pool *pool, const char *text, const char **ret_text)
{
    *ret_text = text ? ml_pool_text(pool, text, strlen(text)) : NULL;
    return text && !*ret_text ? MLEDGER_ESYSTEM : MLEDGER_OK;
}

static int keep(struct ml_import_report *report, const struct ml_import_disagreement *one)
{
    struct ml_import_disagreement kept = {.kind = one->kind, .commits = one->commit ? 1 : 0};
    ML_TRY(keep_text(&report->pool, one->stage, &kept.stage));
    ML_TRY(keep_text(&report->pool, one->path, &kept.path));
    ML_TRY(keep_text(&report->pool, one->recorded, &kept.recorded));
    ML_TRY(keep_text(&report->pool, one->found, &kept.found));
    ML_TRY(keep_text(&report->pool, one->commit, &kept.commit));
    if (one->commit &&
        !(kept.last_commit = ml_pool_text(&report->pool, one->commit, strlen(one->commit))))
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_grow(&report->disagreements, &report->cap_disagreements, report->n_disagreements + 1,
                   sizeof kept));
    report->disagreements[report->n_disagreements++] = kept;
    return MLEDGER_OK;
}

/* All that is said of it but the commit. A text that is not there is no empty one. */
static int make_key(const struct ml_import_disagreement *one, struct ml_buf *key)
{
    const char *const parts[] = {one->kind, one->stage, one->path, one->recorded, one->found};
    for (size_t i = 0; i < ML_COUNT(parts); i++) {
        ML_TRY(ml_buf_append_text(key, parts[i] ? "=" : "-"));
        ML_TRY(ml_buf_append_text(key, parts[i] ? parts[i] : ""));
        ML_TRY(ml_buf_append_char(key, '\n'));
    }
    return ml_buf_append_char(key, '\0');
}

/* Ids of commits are all of one length. */
static void count_again(struct ml_import_disagreement *known, const char *commit)
{
    if (strcmp(known->last_commit, commit) == 0)
        return;
    known->commits++;
    memcpy(known->last_commit, commit, strlen(known->last_commit));
}

static int keep_once(struct ml_import_report *report, const struct ml_import_disagreement *one)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf key = {0};
    ML_TRY(make_key(one, &key));
    const size_t *known = ml_table_get(&report->disagreement_places, (const char *)key.data);
    if (known) {
        count_again(&report->disagreements[*known], one->commit);
        return MLEDGER_OK;
    }
    const char *name = ml_pool_text(&report->pool, (const char *)key.data, key.len);
    size_t *place = ml_pool_alloc(&report->pool, 1, sizeof *place);
    if (!name || !place)
        return MLEDGER_ESYSTEM;
    *place = report->n_disagreements;
    ML_TRY(ml_table_put(&report->disagreement_places, name, place));
    return keep(report, one);
}

int ml_import_report_disagreement(struct ml_import_report *report,
                                  const struct ml_import_disagreement *one)
{
    if (report->n_disagreements >= ML_IMPORT_DISAGREEMENTS_MAX) {
        report->more_disagreements++;
        return MLEDGER_OK;
    }
    return one->commit ? keep_once(report, one) : keep(report, one);
}
