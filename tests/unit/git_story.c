/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/git_story.h"

#define ENVIRONMENT                                                                                \
    "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME='Ann O' "      \
    "GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Bo "                                      \
    "GIT_COMMITTER_EMAIL=bo@example.org GIT_AUTHOR_DATE='1700000000 +0000' "                       \
    "GIT_COMMITTER_DATE='1700000100 +0000'; "

bool git_story_possible(void)
{
    if (system("git --version >/dev/null 2>&1") == 0) /* NOLINT(cert-env33-c) */
        return true;
    print_message("there is no git\n");
    return false;
}

void git_run(const char *root, const char *arguments)
{
    char line[2048];
    snprintf(line, sizeof line, ENVIRONMENT "git -C '%s' %s >/dev/null", root, arguments);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c): paths are the test's own */
}

void git_line(const char *root, const char *arguments, char *line, size_t size)
{
    char command[2048];
    snprintf(command, sizeof command, ENVIRONMENT "git -C '%s' %s", root, arguments);
    FILE *stream = popen(command, "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(stream);
    assert_non_null(fgets(line, (int)size, stream));
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(pclose(stream), 0);
}

void git_story_begin(struct git_story *story, const char *root)
{
    char line[2048];
    *story = (struct git_story){0};
    snprintf(story->root, sizeof story->root, "%s", root);
    snprintf(line, sizeof line, ENVIRONMENT "git init -q -b main '%s'", root);
    assert_int_equal(system(line), 0); /* NOLINT(cert-env33-c) */
    snprintf(line, sizeof line, ENVIRONMENT "git -C '%s' fast-import --quiet", root);
    story->stream = popen(line, "w"); /* NOLINT(cert-env33-c) */
    assert_non_null(story->stream);
}

static void put_data(struct git_story *story, const char *data, size_t len)
{
    fprintf(story->stream, "data %zu\n", len);
    assert_int_equal(fwrite(data, 1, len, story->stream), len);
    fputc('\n', story->stream);
}

unsigned git_story_commit(struct git_story *story, const char *branch, int64_t time, unsigned from,
                          unsigned merge)
{
    char message[64];
    const unsigned mark = ++story->marks;
    const int len = snprintf(message, sizeof message, "commit %u\n", mark);
    fprintf(story->stream,
            "commit refs/heads/%s\nmark :%u\nauthor Ann O <ann@example.org> %" PRId64
            " +0000\ncommitter Bo <bo@example.org> %" PRId64 " +0000\n",
            branch, mark, time - 100, time);
    put_data(story, message, (size_t)len);
    if (from)
        fprintf(story->stream, "from :%u\n", from);
    if (merge)
        fprintf(story->stream, "merge :%u\n", merge);
    return mark;
}

void git_story_write(struct git_story *story, const char *path, const char *text)
{
    fprintf(story->stream, "M 100644 inline %s\n", path);
    put_data(story, text, strlen(text));
}

void git_story_remove(struct git_story *story, const char *path)
{
    fprintf(story->stream, "D %s\n", path);
}

static void put_file(struct git_story *story, const char *file, const char *path)
{
    char chunk[65536];
    FILE *stream = fopen(file, "rb");
    assert_non_null(stream);
    const size_t len = fread(chunk, 1, sizeof chunk, stream);
    assert_true(len < sizeof chunk);
    assert_int_equal(fclose(stream), 0);
    fprintf(story->stream, "M 100644 inline %s\n", path);
    put_data(story, chunk, len);
}

static void put_folder(struct git_story *story, const char *folder, const char *path)
{
    DIR *stream = opendir(folder);
    assert_non_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char file[4096], below[4096];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", folder, entry->d_name);
        snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", entry->d_name);
        assert_int_equal(stat(file, &status), 0);
        if (S_ISDIR(status.st_mode))
            put_folder(story, file, below);
        else
            put_file(story, file, below);
    }
    closedir(stream);
}

void git_story_folder(struct git_story *story, const char *folder, const char *path)
{
    put_folder(story, folder, path);
}

void git_story_tag(struct git_story *story, const char *name, unsigned of, int64_t time,
                   const char *message)
{
    fprintf(story->stream, "tag %s\nfrom :%u\ntagger Ann O <ann@example.org> %" PRId64 " +0000\n",
            name, of, time);
    put_data(story, message, strlen(message));
}

void git_story_end(struct git_story *story, bool checkout)
{
    assert_int_equal(pclose(story->stream), 0);
    story->stream = NULL;
    if (checkout)
        git_run(story->root, "reset -q --hard main");
}
