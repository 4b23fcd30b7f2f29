/* SPDX-License-Identifier: Apache-2.0 */
/* The style of reports: export/report.css as it stands, put into the program when it is built. */
#ifndef ML_EXPORT_REPORT_CSS_H
#define ML_EXPORT_REPORT_CSS_H

#include <stddef.h>

extern const unsigned char ml_report_css[];
extern const size_t ml_report_css_size;

#endif
