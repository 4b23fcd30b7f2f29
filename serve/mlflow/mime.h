/* SPDX-License-Identifier: Apache-2.0 */
/* Of what type a file is, by its name, as MLflow's servers say (mlflow.utils.mime_type_utils): what
 * people read is text/plain, what is not known application/octet-stream. Pure; thread-safe. */
#ifndef ML_SERVE_MLFLOW_MIME_H
#define ML_SERVE_MLFLOW_MIME_H

/* The last part of a path. */
const char *ml_rest_file_name(const char *path);
/* A string constant. */
const char *ml_rest_mime_type(const char *path);
/* The same for files of a page, which a browser runs and applies only under their own types. A
 * string constant. */
const char *ml_rest_web_type(const char *path);

#endif
