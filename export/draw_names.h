/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers for the names in a Graphviz graph, given out in order of first mention.
 *
 * cgraph's own discipline uses the *address* of the interned name as its number and keeps
 * subgraphs sorted by it, so that the order of clusters would depend on the state of the heap. With
 * this one the same graph gives the same picture in every process.
 *
 * Threads: state is per graph; one thread per graph, as Graphviz wants it.
 */
#ifndef ML_EXPORT_DRAW_NAMES_H
#define ML_EXPORT_DRAW_NAMES_H

#include <graphviz/cgraph.h>

/* For Agdisc_t. Out of memory shows as a name that cannot be mapped: agread() fails. */
Agiddisc_t *ml_draw_names(void);

#endif
