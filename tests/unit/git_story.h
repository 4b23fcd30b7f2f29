/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git repositories for tests, told commit by commit to `git fast-import`. Everything is by Ann O
 * <ann@example.org> and committed by Bo <bo@example.org>, at the times given, so ids never change.
 */
#ifndef TESTS_GIT_STORY_H
#define TESTS_GIT_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct git_story {
    char root[512];
    FILE *stream;
    unsigned marks; /* commits so far; the n-th has mark n */
};

/* Whether there is a git here; says so if not. */
bool git_story_possible(void);
/* An empty repository in `root`, which is made, its branch "main". */
void git_story_begin(struct git_story *story, const char *root);
/* A commit on `branch`, on top of mark `from` (0: the first one of all) and, where `merge` is not
 * 0, of that mark too. What the commit changes follows. Gives its mark. */
unsigned git_story_commit(struct git_story *story, const char *branch, int64_t time, unsigned from,
                          unsigned merge);
void git_story_write(struct git_story *story, const char *path, const char *text);
void git_story_remove(struct git_story *story, const char *path);
/* Every file of a folder, below `path` of the repository ("" for its root). */
void git_story_folder(struct git_story *story, const char *folder, const char *path);
/* An annotated tag of mark `of`. */
void git_story_tag(struct git_story *story, const char *name, unsigned of, int64_t time,
                   const char *message);
/* The stream ends here; with `checkout` main is checked out. */
void git_story_end(struct git_story *story, bool checkout);

/* git with these arguments in `root`; it must succeed. */
void git_run(const char *root, const char *arguments);
/* The first line that it prints. */
void git_line(const char *root, const char *arguments, char *line, size_t size);

/* When stories begin: seconds since 1970. */
#define T0 ((int64_t)1700000000)

/* Ends a test as skipped where there is no git. */
#define NEEDS_GIT()                                                                                \
    do {                                                                                           \
        if (!git_story_possible())                                                                 \
            skip();                                                                                \
    } while (0)

#endif
