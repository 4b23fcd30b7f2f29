/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of tags by which GTO (iterative's Git Tag Ops) keeps a registry in a repository:
 *
 *   NAME@v1.2.3      version 1.2.3 of an artifact is the tagged commit
 *   NAME#STAGE#N     the version at the tagged commit is in that stage from now on; N counts all
 *                    such tags of an artifact, and may be missing
 *   NAME@v1.2.3!#N   the version is taken back     NAME#STAGE!#N   it leaves the stage
 *   NAME@deprecated  so is the artifact            NAME@created    there is one
 *
 * NAME is that of gto/constants.py (GTO 1.0): letters, digits, '-', '_' and '/'; DIR=NAME is the
 * artifact NAME of the dvc.yaml in DIR, which people write DIR:NAME. Pure; thread-safe.
 */
#ifndef ML_INGEST_GTO_H
#define ML_INGEST_GTO_H

#include "ingest/pool.h"

enum ml_gto_kind {
    ML_GTO_REGISTER,
    ML_GTO_DEREGISTER,
    ML_GTO_ASSIGN,
    ML_GTO_UNASSIGN,
    ML_GTO_DEPRECATE,
    ML_GTO_CREATE,
};

struct ml_gto_tag {
    enum ml_gto_kind kind;
    const char *dir;      /* of the dvc.yaml; "." for the root */
    const char *name;     /* of the artifact there */
    const char *artifact; /* "NAME" or "DIR:NAME" */
    const char *version;  /* "v1.2.3", NULL where the tag names none */
    const char *stage;    /* likewise */
    uint64_t counter;     /* N; 0 where there is none, the greatest where it is too large */
};

/* Texts are in `pool`. MLEDGER_ENOTFOUND, without a text: the name is none of GTO's. */
int ml_gto_parse(struct ml_pool *pool, const char *name, struct ml_gto_tag *ret_tag) ML_MUST_USE;

#endif
