/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/environment.h"

#include <dirent.h>
#include <jansson.h>
#include <sched.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ingest/environment_python.h"

enum { TEXT_MAX = 1 << 16, LINE_SIZE = 4096 };

static void decrefp(json_t **json)
{
    json_decref(*json);
}

/* Takes `value` over; NULL is what does not tell. */
static int put(json_t *object, const char *key, json_t *value)
{
    return !value || json_object_set_new(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

/* NULL also for what is no text. */
static json_t *text_of(const char *text)
{
    return text && *text ? json_string(text) : NULL;
}

/* ---- small files ---- */

static FILE *open_at(const char *root, const char *path)
{
    ML_CLEANUP(ml_freep) char *full = NULL;
    if (asprintf(&full, "%s%s", root, path) < 0) {
        full = NULL;
        return NULL;
    }
    return fopen(full, "re");
}

static void fclosep(FILE **stream)
{
    if (*stream)
        fclose(*stream);
}

/* The value behind `key` and then `separator` in the first line that begins so: trimmed, without
 * quotes around it. "" if there is none. */
static void read_value(const char *root, const char *path, const char *key, char separator,
                       char value[LINE_SIZE])
{
    ML_CLEANUP(fclosep) FILE *stream = open_at(root, path);
    char line[LINE_SIZE];
    const size_t len = strlen(key);
    value[0] = '\0';
    for (size_t read = 0; stream && read < TEXT_MAX && fgets(line, sizeof line, stream);) {
        read += strlen(line);
        const char *at = line + len;
        if (strncmp(line, key, len) != 0)
            continue;
        at += strspn(at, " \t");
        if (*at++ != separator)
            continue;
        at += strspn(at, " \t\"'");
        size_t end = strlen(at);
        while (end > 0 && strchr(" \t\r\n\"'", at[end - 1]))
            end--;
        memcpy(value, at, end);
        value[end] = '\0';
        return;
    }
}

static json_t *value_of(const char *root, const char *path, const char *key, char separator)
{
    char value[LINE_SIZE];
    read_value(root, path, key, separator, value);
    return text_of(value);
}

static bool exists(const char *root, const char *path)
{
    ML_CLEANUP(ml_freep) char *full = NULL;
    if (asprintf(&full, "%s%s", root, path) < 0) {
        full = NULL;
        return false;
    }
    return access(full, F_OK) == 0;
}

/* ---- the machine ---- */

static int add_kernel(json_t *environment)
{
    struct utsname names;
    if (uname(&names) < 0)
        return MLEDGER_OK;
    return put(environment, "kernel",
               json_pack("{s:s, s:s, s:s, s:s}", "name", names.sysname, "release", names.release,
                         "version", names.version, "machine", names.machine));
}

static int add_cpu(const char *root, json_t *environment)
{
    cpu_set_t cores;
    json_t *cpu = json_object();
    ML_TRY(put(environment, "cpu", cpu));
    if (!cpu)
        return ml_fail_memory();
    ML_TRY(put(cpu, "model", value_of(root, "/proc/cpuinfo", "model name", ':')));
    if (sched_getaffinity(0, sizeof cores, &cores) < 0)
        return MLEDGER_OK; /* more than fit */
    return put(cpu, "count", json_integer(CPU_COUNT(&cores)));
}

static int add_memory(const char *root, json_t *environment)
{
    char value[LINE_SIZE];
    unsigned long long kibibytes;
    read_value(root, "/proc/meminfo", "MemTotal", ':', value);
    char *end;
    kibibytes = strtoull(value, &end, 10);
    if (end == value || kibibytes > (1ULL << 50))
        return MLEDGER_OK;
    return put(environment, "memory", json_integer((json_int_t)(kibibytes * 1024)));
}

/* ---- GPUs ---- */

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
    char **items;
    size_t count, cap;
};

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

/* Sorted. A directory that cannot be listed has none. */
static int list(const char *root, const char *path, struct names *names)
{
    ML_CLEANUP(ml_freep) char *full = NULL;
    if (asprintf(&full, "%s%s", root, path) < 0) {
        full = NULL;
        return ml_fail_memory();
    }
    ML_CLEANUP(dir_closep) DIR *dir = opendir(full);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        ML_TRY(ml_grow(&names->items, &names->cap, names->count + 1, sizeof(char *)));
        names->items[names->count] = strdup(entry->d_name);
        if (!names->items[names->count])
            return ml_fail_memory();
        names->count++;
    }
    if (names->count > 1)
        qsort(names->items, names->count, sizeof(char *), by_text);
    return MLEDGER_OK;
}

static int add_nvidia(const char *root, json_t *gpus)
{
    ML_CLEANUP(names_release) struct names names = {0};
    ML_TRY(list(root, "/proc/driver/nvidia/gpus", &names));
    for (size_t i = 0; i < names.count; i++) {
        char path[LINE_SIZE];
        snprintf(path, sizeof path, "/proc/driver/nvidia/gpus/%s/information", names.items[i]);
        json_t *name = value_of(root, path, "Model", ':');
        if (name && json_array_append_new(gpus, json_pack("{s:o}", "name", name)) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

/* The one line of /sys/bus/pci/devices/DEVICE/FILE. */
static void read_pci(const char *root, const char *device, const char *file, char value[LINE_SIZE])
{
    char path[LINE_SIZE];
    snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/%s", device, file);
    ML_CLEANUP(fclosep) FILE *stream = open_at(root, path);
    value[0] = '\0';
    if (stream && fgets(value, LINE_SIZE, stream))
        value[strcspn(value, "\r\n")] = '\0';
}

static int add_pci(const char *root, json_t *gpus)
{
    ML_CLEANUP(names_release) struct names names = {0};
    ML_TRY(list(root, "/sys/bus/pci/devices", &names));
    for (size_t i = 0; i < names.count; i++) {
        char class[LINE_SIZE], vendor[LINE_SIZE], device[LINE_SIZE];
        read_pci(root, names.items[i], "class", class);
        read_pci(root, names.items[i], "vendor", vendor);
        read_pci(root, names.items[i], "device", device);
        if (strncmp(class, "0x03", 4) != 0)
            continue;
        json_t *gpu = json_pack("{s:s, s:s}", "vendor", vendor, "device", device);
        if (gpu && json_array_append_new(gpus, gpu) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int add_gpus(const char *root, json_t *environment)
{
    ML_CLEANUP(decrefp) json_t *gpus = json_array();
    if (!gpus)
        return ml_fail_memory();
    ML_TRY(add_nvidia(root, gpus));
    if (json_array_size(gpus) == 0)
        ML_TRY(add_pci(root, gpus));
    return json_array_size(gpus) ? put(environment, "gpus", ML_TAKE(gpus)) : MLEDGER_OK;
}

/* ---- the container ---- */

static int add_container(const struct ml_environment_options *options, json_t *environment)
{
    static const char containerenv[] = "/run/.containerenv";
    const bool by_podman = exists(options->root, containerenv);
    const bool by_docker = exists(options->root, "/.dockerenv");
    ML_CLEANUP(decrefp) json_t *container = json_object();
    if (!container)
        return ml_fail_memory();
    if (by_podman || by_docker)
        ML_TRY(put(container, "kind", json_string(by_podman ? "podman" : "docker")));
    if (by_podman) {
        ML_TRY(put(container, "image", value_of(options->root, containerenv, "image", '=')));
        ML_TRY(put(container, "image_id", value_of(options->root, containerenv, "imageid", '=')));
    }
    ML_TRY(put(container, "image", text_of(options->image)));
    return json_object_size(container) ? put(environment, "container", ML_TAKE(container))
                                       : MLEDGER_OK;
}

/* ---- all of it ---- */

static int add_python(const struct ml_environment_options *options, json_t *environment)
{
    json_t *python;
    if (!options->python)
        return MLEDGER_OK;
    ML_TRY(ml_environment_python(options, &python));
    return put(environment, "python", python);
}

static int fill(const struct ml_environment_options *options, json_t *environment)
{
    char os[LINE_SIZE];
    read_value(options->root, "/etc/os-release", "PRETTY_NAME", '=', os);
    ML_TRY(put(environment, "os", text_of(os)));
    ML_TRY(add_kernel(environment));
    ML_TRY(add_cpu(options->root, environment));
    ML_TRY(add_memory(options->root, environment));
    ML_TRY(add_gpus(options->root, environment));
    ML_TRY(add_container(options, environment));
    return add_python(options, environment);
}

/* The list is the one part that can be of any length. */
static int drop_packages(json_t *environment)
{
    json_t *python = json_object_get(environment, "python");
    const size_t count = json_array_size(json_object_get(python, "packages"));
    if (!python || json_object_del(python, "packages") < 0)
        return ml_fail(MLEDGER_ESYSTEM, "the environment takes more than %zu bytes to describe",
                       ML_ENVIRONMENT_BYTES_MAX);
    return put(python, "packages_count", json_integer((json_int_t)count));
}

int ml_environment_describe(const struct ml_environment_options *options, struct ml_buf *ret_json)
{
    ML_CLEANUP(decrefp) json_t *environment = json_object();
    if (!environment)
        return ml_fail_memory();
    ML_TRY(fill(options, environment));
    ML_CLEANUP(ml_freep) char *text = json_dumps(environment, JSON_COMPACT | JSON_SORT_KEYS);
    if (text && strlen(text) > ML_ENVIRONMENT_BYTES_MAX) {
        ML_TRY(drop_packages(environment));
        free(text);
        text = json_dumps(environment, JSON_COMPACT | JSON_SORT_KEYS);
    }
    return text ? ml_buf_append_text(ret_json, text) : ml_fail_memory();
}
