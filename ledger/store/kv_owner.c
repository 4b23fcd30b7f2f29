/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/kv_owner.h"

#include <pthread.h>
#include <unistd.h>

unsigned ml_kv_forks;
static pthread_mutex_t owners_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ml_kv_owner *owners;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
    pthread_mutex_lock(&owners_lock);
}

static void after_fork_parent(void)
{
    pthread_mutex_unlock(&owners_lock);
}

/* The child owns nothing: it may open anew what its parent has open. */
static void after_fork_child(void)
{
    ml_kv_forks++;
    owners = NULL;
    pthread_mutex_unlock(&owners_lock);
}

static void watch_forks(void)
{
    /* Fails only for lack of memory; then ml_kv_is_owner() still tells a child by its pid. */
    (void)pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

static bool claimed(dev_t device, ino_t inode)
{
    for (const struct ml_kv_owner *o = owners; o != NULL; o = o->next)
        if (o->device == device && o->inode == inode)
            return true;
    return false;
}

bool ml_kv_own(struct ml_kv_owner *owner, dev_t device, ino_t inode)
{
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&owners_lock);
    bool is_free = !claimed(device, inode);
    if (is_free) {
        *owner = (struct ml_kv_owner){device, inode, getpid(), ml_kv_forks, owners};
        owners = owner;
    }
    pthread_mutex_unlock(&owners_lock);
    return is_free;
}

void ml_kv_disown(struct ml_kv_owner *owner)
{
    pthread_mutex_lock(&owners_lock);
    for (struct ml_kv_owner **at = &owners; *at != NULL; at = &(*at)->next) {
        if (*at == owner) {
            *at = owner->next;
            break;
        }
    }
    pthread_mutex_unlock(&owners_lock);
}

void ml_kv_own_other(struct ml_kv_owner *owner, dev_t device, ino_t inode)
{
    pthread_mutex_lock(&owners_lock);
    owner->device = device;
    owner->inode = inode;
    pthread_mutex_unlock(&owners_lock);
}

bool ml_kv_is_owner(const struct ml_kv_owner *owner)
{
    return ml_kv_is_owner_fast(owner) && owner->pid == getpid();
}
