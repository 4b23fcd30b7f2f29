/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SVG file as part of a page: the one <svg> element without the XML declaration and doctype
 * before it, its ids (and what refers to them) made unique by a prefix, and its size given by the
 * page's style sheet.
 */
#ifndef ML_EXPORT_SVG_INLINE_H
#define ML_EXPORT_SVG_INLINE_H

#include "ledger/core/base.h"

/* Appends it. `prefix` is a constant, unique among the pictures of a page. The SVG is one of ours
 * (ml_drawing_render() and its like). MLEDGER_ESYSTEM: it has no <svg> element, or memory is out.
 */
int ml_svg_inline(struct ml_span svg, const char *prefix, struct ml_buf *out) ML_MUST_USE;

#endif
