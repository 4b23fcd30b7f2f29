/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence bundles (docs/FORMAT.md, section 16), taken apart, changed, and put together again with
 * the right sum at the end. The changes, one an argument:
 *
 *   hide SEQ           only signature and header of the record are left
 *   drop SEQ           nothing of it is left
 *   swap SEQ SEQ       each in the place of the other
 *   size N             the manifest says so many records
 *   cut KIND           all items of the kind (M, C, T, A, J, S) are left out
 */
#ifndef ATTACK_EVIDENCE_H
#define ATTACK_EVIDENCE_H

#include <stddef.h>

void evidence_change(const char *from, const char *to, char **changes, size_t count);

#endif
