/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A paper as one page of HTML that needs nothing else: no script, no font, no picture and no
 * style sheet from elsewhere. Its style (export/report.css) is embedded: for the screen, light and
 * dark as the reader's system is, and for paper. Each record that is named links to the row that
 * describes it (#r12), where there is one.
 */
#ifndef ML_EXPORT_PAPER_HTML_H
#define ML_EXPORT_PAPER_HTML_H

#include "export/paper.h"

/* Appends the page. MLEDGER_ESYSTEM: memory is out. */
int ml_paper_to_html(const struct ml_paper *paper, struct ml_buf *out) ML_MUST_USE;

#endif
