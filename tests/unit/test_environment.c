/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine tells of itself, from files that this test writes, and asking a Python that is
 * none. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/environment.h"
#include "ingest/probe.h"
#include "tests/unit/cmocka_all.h"

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mledger-test-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static char *at(const char *path)
{
    static char full[1024];
    snprintf(full, sizeof full, "%s%s", root, path);
    return full;
}

static void put(const char *path, const char *content)
{
    char command[1200];
    snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", at(path));
    assert_int_equal(system(command), 0);
    FILE *file = fopen(at(path), "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void put_program(const char *path, const char *script)
{
    put(path, script);
    assert_int_equal(chmod(at(path), 0755), 0);
}

static char *describe(const char *python, const char *image)
{
    static char *const nothing[] = {NULL};
    struct ml_buf json = {0};
    char *text;
    const struct ml_environment_options options = {
        .root = root, .image = image, .python = python, .envp = nothing, .python_ms = 20000};
    assert_int_equal(ml_environment_describe(&options, &json), MLEDGER_OK);
    assert_int_equal(ml_buf_take_text(&json, &text), MLEDGER_OK);
    return text;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("not there: %s\nin: %s", part, text);
}

static void nothing_is_left_out(void **state)
{
    (void)state;
    ML_CLEANUP(ml_freep) char *text = describe(NULL, NULL);
    assert_null(strstr(text, "\"os\""));
    assert_null(strstr(text, "\"gpus\""));
    assert_null(strstr(text, "\"container\""));
    assert_null(strstr(text, "\"python\""));
    expect(text, "\"kernel\":{\"machine\":");
}

static void files_tell(void **state)
{
    (void)state;
    put("/etc/os-release", "NAME=\"X\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n");
    put("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n");
    put("/proc/meminfo", "MemTotal:       2048 kB\nMemFree: 1 kB\n");
    put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n");
    put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
    put("/sys/bus/pci/devices/0000:01:00.0/device", "0x20b0\n");
    put("/sys/bus/pci/devices/0000:02:00.0/class", "0x020000\n");
    put("/.dockerenv", "");
    ML_CLEANUP(ml_freep) char *text = describe(NULL, "registry/train:7");
    expect(text, "\"os\":\"Debian GNU/Linux 12\"");
    expect(text, "\"model\":\"Some CPU @ 2 GHz\"");
    expect(text, "\"memory\":2097152");
    expect(text, "\"gpus\":[{\"device\":\"0x20b0\",\"vendor\":\"0x10de\"}]");
    expect(text, "\"container\":{\"image\":\"registry/train:7\",\"kind\":\"docker\"}");
    put("/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t A100\nIRQ: 3\n");
    put("/run/.containerenv", "engine=\"podman\"\nimage=\"localhost/x:1\"\nimageid=\"abc\"\n");
    ML_CLEANUP(ml_freep) char *more = describe(NULL, NULL);
    expect(more, "\"gpus\":[{\"name\":\"A100\"}]");
    expect(more,
           "\"container\":{\"image\":\"localhost/x:1\",\"image_id\":\"abc\",\"kind\":\"podman\"}");
    ML_CLEANUP(ml_freep) char *again = describe(NULL, NULL);
    assert_string_equal(more, again);
}

static void a_python_is_asked(void **state)
{
    (void)state;
    put_program("/good", "#!/bin/sh\necho '{\"version\": \"3.9\", \"implementation\": \"C\", "
                         "\"packages\": [[\"a\", \"1\"]]}'\n");
    put_program("/bad", "#!/bin/sh\necho hello\n");
    put_program("/failing", "#!/bin/sh\nexit 3\n");
    ML_CLEANUP(ml_freep) char *good = describe(at("/good"), NULL);
    expect(good, "\"python\":{\"implementation\":\"C\",\"packages\":[[\"a\",\"1\"]],\"version\":"
                 "\"3.9\"}");
    ML_CLEANUP(ml_freep) char *bad = describe(at("/bad"), NULL);
    expect(bad, "/bad' answered with something else\"}");
    ML_CLEANUP(ml_freep) char *failing = describe(at("/failing"), NULL);
    expect(failing, "/failing' failed with exit status 3\"}");
    ML_CLEANUP(ml_freep) char *none = describe(at("/none"), NULL);
    assert_null(strstr(none, "\"python\""));
}

/* A list that does not fit is counted. */
static void packages_have_a_limit(void **state)
{
    (void)state;
    put_program(
        "/many",
        "#!/bin/sh\n"
        "printf '{\"version\": \"3\", \"implementation\": \"C\", \"packages\": [[\"a\", \"1\"]'\n"
        "x=$(printf '%0100d' 0)\n"
        "x=$x$x$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x$x$x\n"
        "printf ', [\"%s\", \"1\"], [\"%s\", \"2\"], [\"%s\", \"3\"]]}' $x $x $x\n");
    ML_CLEANUP(ml_freep) char *text = describe(at("/many"), NULL);
    expect(text, "\"packages_count\":4");
    assert_true(strlen(text) <= ML_ENVIRONMENT_BYTES_MAX);
}

static int probe(const char *script, size_t bytes, int64_t ms)
{
    static char *const nothing[] = {NULL};
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const struct ml_probe_limits limits = {.bytes = bytes, .ms = ms};
    ML_CLEANUP(ml_buf_release) struct ml_buf output = {0};
    return ml_probe_run(argv, nothing, &limits, &output);
}

static void expect_probe(const char *script, size_t bytes, int64_t ms, const char *part)
{
    assert_int_equal(probe(script, bytes, ms), MLEDGER_ESYSTEM);
    expect(mledger_error_text(), part);
}

static void a_probe_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(probe("cat; echo x >&2; echo x", 10, 60000), MLEDGER_OK);
    expect_probe("while :; do echo more; done", 1000, 60000, "wrote more than 1000 bytes");
    expect_probe("exec sleep 100", 10, 50, "took more than");
    expect_probe("exec >&-; exec sleep 100", 10, 50, "took more than");
    expect_probe("kill -9 $$", 10, 60000, "was ended by signal 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_left_out, make_root, remove_root),
        cmocka_unit_test_setup_teardown(files_tell, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_python_is_asked, make_root, remove_root),
        cmocka_unit_test_setup_teardown(packages_have_a_limit, make_root, remove_root),
        cmocka_unit_test(a_probe_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
