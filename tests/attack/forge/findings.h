/* SPDX-License-Identifier: Apache-2.0 */
/* What `verify --json` reports, one finding a line. */
#ifndef ATTACK_FINDINGS_H
#define ATTACK_FINDINGS_H

#include <stdio.h>

void findings_print(FILE *from);

#endif
