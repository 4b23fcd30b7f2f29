/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_ignore.h"

#include <git2/sys/repository.h>

#include "ingest/file.h"
#include "ingest/git_private.h"

static void index_freep(git_index **index)
{
    git_index_free(*index);
}

static void repository_freep(git_repository **repository)
{
    git_repository_free(*repository);
}

/* Where .gitignore files are: in the work tree, or in a commit. */
struct source {
    /* Appends the content; MLEDGER_ENOTFOUND: there is none. */
    int (*read)(const struct source *source, const char *path, struct ml_buf *text);
    const char *workdir;
    const struct ml_git_tree *tree;
};

/*
 * All rules are put together as those of one .gitignore at the root, and libgit2 matches them. It
 * would read the files of a work tree by itself, but (up to 1.5) it drops a "!pattern" that takes
 * back what another file says. A rule of a folder below is said anew for the root: a pattern with a
 * slash before its end stands for that place alone, any other for every depth below the folder.
 */
static bool is_anchored(const char *pattern, size_t len)
{
    const char *slash = memchr(pattern, '/', len);
    return slash && slash + 1 < pattern + len;
}

/* The folder's name is no pattern. */
static int append_folder(struct ml_buf *rules, const char *folder, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("*?[]\\!# ", folder[i]))
            ML_TRY(ml_buf_append_char(rules, '\\'));
        ML_TRY(ml_buf_append_char(rules, folder[i]));
    }
    return MLEDGER_OK;
}

static int append_rule(struct ml_buf *rules, const char *folder, size_t folder_len,
                       const char *line, size_t len)
{
    const bool again = len > 0 && *line == '!';
    line += again;
    len -= again;
    if (len == 0 || (*line == '#' && !again))
        return MLEDGER_OK;
    if (again)
        ML_TRY(ml_buf_append_char(rules, '!'));
    if (folder_len > 0) {
        ML_TRY(ml_buf_append_char(rules, '/'));
        ML_TRY(append_folder(rules, folder, folder_len));
        ML_TRY(
            ml_buf_append_text(rules, is_anchored(line, len) ? *line == '/' ? "" : "/" : "/**/"));
    }
    ML_TRY(ml_buf_append(rules, line, len));
    return ml_buf_append_char(rules, '\n');
}

static int append_rules(struct ml_buf *rules, const char *folder, size_t folder_len,
                        struct ml_span text)
{
    const char *at = (const char *)text.data, *end = at + text.len;
    while (at < end) {
        const char *line = at, *feed = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((feed ? feed : end) - line);
        at = feed ? feed + 1 : end;
        if (len > 0 && line[len - 1] == '\r')
            len--;
        ML_TRY(append_rule(rules, folder, folder_len, line, len));
    }
    return MLEDGER_OK;
}

/* The rules of the folder that is the first `len` characters of the path; 0: the root. */
static int read_rules(const struct source *source, const char *path, size_t len,
                      struct ml_buf *rules)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0}, text = {0};
    ML_TRY(ml_buf_printf(&name, "%.*s%s.gitignore", (int)len, path, len ? "/" : ""));
    ML_TRY(ml_buf_append_char(&name, '\0'));
    int result = source->read(source, (const char *)name.data, &text);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return append_rules(rules, path, len, ml_buf_span(&text));
}

/* Those of folders further down come later, and the last rule that fits decides. */
static int gather_rules(const struct source *source, const char *path, struct ml_buf *rules)
{
    ML_TRY(read_rules(source, path, 0, rules));
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
        ML_TRY(read_rules(source, path, (size_t)(slash - path), rules));
    return ml_buf_append_char(rules, '\0');
}

static int match(const struct source *source, const char *path, bool *ret_ignored)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf rules = {0};
    ML_CLEANUP(repository_freep) git_repository *nowhere = NULL;
    int ignored = 0;
    ML_TRY(gather_rules(source, path, &rules));
    if (git_repository_new(&nowhere) < 0 || git_ignore_clear_internal_rules(nowhere) < 0 ||
        git_ignore_add_rule(nowhere, (const char *)rules.data) < 0 ||
        git_ignore_path_is_ignored(&ignored, nowhere, path) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot tell whether Git ignores", path);
    *ret_ignored = ignored != 0;
    return MLEDGER_OK;
}

/* ---- the work tree ---- */

static int read_file(const struct source *source, const char *path, struct ml_buf *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf whole = {0};
    ML_TRY(ml_buf_printf(&whole, "%s%s", source->workdir, path));
    ML_TRY(ml_buf_append_char(&whole, '\0'));
    return ml_file_slurp((const char *)whole.data, NULL, ML_GIT_IGNORE_MAX, text);
}

int ml_git_ignores(struct ml_git *git, const char *path, bool *ret_ignored)
{
    ML_CLEANUP(index_freep) git_index *index = NULL;
    const struct source source = {.read = read_file, .workdir = ml_git_workdir(git)};
    assert(source.workdir);
    if (git_repository_index(&index, git->repository) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the index of",
                           git_repository_path(git->repository));
    if (!git_index_get_bypath(index, path, 0))
        return match(&source, path, ret_ignored);
    *ret_ignored = false;
    return MLEDGER_OK;
}

/* ---- a commit ---- */

static int read_blob(const struct source *source, const char *path, struct ml_buf *text)
{
    return ml_git_tree_read(source->tree, path, ML_GIT_IGNORE_MAX, text);
}

int ml_git_tree_ignores(const struct ml_git_tree *tree, const char *path, bool *ret_ignored)
{
    const struct source source = {.read = read_blob, .tree = tree};
    enum ml_git_kind kind;
    ML_TRY(ml_git_tree_kind(tree, path, &kind));
    if (kind == ML_GIT_ABSENT)
        return match(&source, path, ret_ignored);
    *ret_ignored = false;
    return MLEDGER_OK;
}
