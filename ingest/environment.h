/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment that a command runs in, as far as it tells of itself: the machine, its system,
 * the container, the Python and its packages. What comes out is one JSON object, the same for the
 * same environment, so that its digest tells whether two runs had the same:
 *
 *   "os"         PRETTY_NAME of /etc/os-release
 *   "kernel"     {"name", "release", "version", "machine"} of uname(2)
 *   "cpu"        {"model", "count"}: of /proc/cpuinfo, and how many this process may use
 *   "memory"     bytes, MemTotal of /proc/meminfo
 *   "gpus"       [{"name"}] of /proc/driver/nvidia, else [{"vendor", "device"}], the PCI numbers of
 *                what /sys/bus/pci calls a display controller (class 03)
 *   "container"  {"kind", "image", "image_id"}: of /run/.containerenv, /.dockerenv and `image`
 *   "python"     {"implementation", "version", "packages": [["name", "version"], ...]}, or
 *                {"error": "..."} where there is one that could not be asked
 *
 * What does not tell is left out. Keys are sorted, packages too; there is no white space.
 */
#ifndef ML_INGEST_ENVIRONMENT_H
#define ML_INGEST_ENVIRONMENT_H

#include "ledger/core/base.h"

#define ML_ENVIRONMENT_BYTES_MAX ((size_t)256 << 10)

struct ml_environment_options {
    const char *root;   /* before every path above; "" but for tests */
    const char *image;  /* the container's, where whoever started it says so; or NULL */
    const char *python; /* the program to ask, by path or name; NULL: there is none */
    char *const *envp;  /* that it runs in */
    int64_t python_ms;  /* that it may take */
};

/* Appends the object. Over ML_ENVIRONMENT_BYTES_MAX the packages are left out and counted
 * ("packages_count"). MLEDGER_ESYSTEM: memory is out. */
int ml_environment_describe(const struct ml_environment_options *options,
                            struct ml_buf *ret_json) ML_MUST_USE;

#endif
