/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/roster.h"

#include "serve/sync.h"

static void drop(struct ml_roster_page *page)
{
    if (!page || atomic_fetch_sub(&page->holders, 1) > 1)
        return;
    ml_users_release(&page->users);
    free(page);
}

int ml_roster_init(struct ml_roster *roster, const char *path, const uint8_t ledger[ML_HASH_SIZE])
{
    *roster = (struct ml_roster){.path = strdup(path)};
    if (!roster->path)
        return ml_fail_memory();
    memcpy(roster->ledger, ledger, ML_HASH_SIZE);
    const int result = ml_sync_init_rw(&roster->lock);
    if (result < 0)
        free(roster->path);
    return result;
}

void ml_roster_release(struct ml_roster *roster)
{
    drop(roster->page);
    free(roster->path);
    pthread_rwlock_destroy(&roster->lock);
}

static int read_page(const struct ml_roster *roster, struct ml_roster_page **ret_page)
{
    ML_CLEANUP(ml_freep) struct ml_roster_page *page = ml_calloc(1, sizeof *page);
    if (!page)
        return ml_fail_memory();
    const int result = ml_users_file_read(roster->path, roster->ledger, &page->users);
    if (result < 0) {
        ml_users_release(&page->users);
        return result == MLEDGER_ENOTFOUND
                   ? ml_fail(MLEDGER_ESYSTEM, "the list of users '%s' is gone", roster->path)
                   : result;
    }
    page->holders = 1;
    *ret_page = ML_TAKE(page);
    return MLEDGER_OK;
}

/* The mark was made before, so that a file that changes meanwhile is read again next time. */
static void read_again(struct ml_roster *roster, const struct ml_file_mark *mark)
{
    struct ml_roster_page *page = NULL;
    drop(ML_TAKE(roster->page));
    roster->mark = *mark;
    roster->was_there = true;
    if (read_page(roster, &page) == MLEDGER_OK) {
        roster->page = page;
        return;
    }
    ml_error_get(&roster->error);
    if (roster->failed)
        roster->failed(roster->context);
}

/* With the lock. */
static int take(struct ml_roster *roster, struct ml_roster_page **ret_page)
{
    if (!roster->was_there)
        return 0;
    if (!roster->page)
        return ml_error_set(&roster->error);
    atomic_fetch_add(&roster->page->holders, 1);
    *ret_page = roster->page;
    return 1;
}

int ml_roster_take(struct ml_roster *roster, struct ml_roster_page **ret_page)
{
    const struct ml_file_mark mark = ml_file_mark(roster->path);
    pthread_rwlock_rdlock(&roster->lock);
    bool is_new = !ml_file_mark_equal(&mark, &roster->mark);
    int result = is_new ? 0 : take(roster, ret_page);
    pthread_rwlock_unlock(&roster->lock);
    if (!is_new)
        return result;
    pthread_rwlock_wrlock(&roster->lock);
    const struct ml_file_mark now = ml_file_mark(roster->path);
    if (!ml_file_mark_equal(&now, &roster->mark))
        read_again(roster, &now);
    result = take(roster, ret_page);
    pthread_rwlock_unlock(&roster->lock);
    return result;
}

void ml_roster_give_back(struct ml_roster_page *page)
{
    drop(page);
}
