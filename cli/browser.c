/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/browser.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/environment.h"
#include "cli/program_path.h"
#include "ingest/file.h"
#include "ingest/probe.h"

static const char *const names[] = {"chromium", "chromium-browser", "google-chrome-stable",
                                    "google-chrome", "chrome"};

enum { PRINT_MS = 120000, OUTPUT_MAX = 1 << 20, PDF_MAX = 256 << 20 };

static int find_browser(const char **ret_name)
{
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        bool found;
        ML_TRY(ml_program_is_there(names[i], &found));
        if (!found)
            continue;
        *ret_name = names[i];
        return MLEDGER_OK;
    }
    ml_fail(MLEDGER_ESYSTEM, "a PDF is made by Chromium, and there is none here (chromium, "
                             "google-chrome)");
    return ml_hint("mledger report REF -o FILE.html, and print that from any browser");
}

int ml_browser_check(void)
{
    const char *name;
    return find_browser(&name);
}

/* ---- its directory ---- */

struct room {
    char *dir;
};

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

/* The browser writes its profile there, of which nothing is to stay. */
static void room_release(struct room *room)
{
    enum { DESCRIPTORS = 16 };
    if (room->dir)
        nftw(room->dir, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    free(room->dir);
}

static int room_make(struct room *ret_room)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_freep) char *dir = NULL;
    const char *parent = ml_environment_get("TMPDIR");
    ML_TRY(ml_buf_printf(&path, "%s/mledger-report-XXXXXX", parent ? parent : "/tmp"));
    ML_TRY(ml_buf_take_text(&path, &dir));
    if (!mkdtemp(dir))
        return ml_fail_errno(errno, "cannot make a directory like '%s'", dir);
    ret_room->dir = ML_TAKE(dir);
    return MLEDGER_OK;
}

/* "BEFORE" DIR "/NAME" */
static int path_in(const struct room *room, const char *before, const char *name, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s%s/%s", before, room->dir, name));
    return ml_buf_take_text(&path, ret_path);
}

static int write_page(const struct room *room, struct ml_span page)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(path_in(room, "", "page.html", &path));
    FILE *file = fopen(path, "wxe");
    if (!file)
        return ml_fail_errno(errno, "cannot make '%s'", path);
    bool bad = fwrite(page.data, 1, page.len, file) != page.len;
    bad |= fclose(file) != 0;
    return bad ? ml_fail_errno(errno, "cannot write '%s'", path) : MLEDGER_OK;
}

/* ---- the browser ---- */

struct command {
    char *profile, *target, *page, *home;
};

static void command_release(struct command *command)
{
    free(command->profile);
    free(command->target);
    free(command->page);
    free(command->home);
}

static int run(const char *name, const struct command *command)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf output = {0};
    ML_CLEANUP(ml_freep) char **environment = NULL;
    const struct ml_probe_limits limits = {.bytes = OUTPUT_MAX, .ms = PRINT_MS};
    /* Chromium refuses to run as root within its sandbox. The page holds no script. */
    const char *const argv[] = {name,
                                "--headless",
                                "--disable-gpu",
                                "--no-first-run",
                                "--disable-breakpad",
                                "--disable-extensions",
                                "--no-pdf-header-footer",
                                command->profile,
                                command->target,
                                geteuid() == 0 ? "--no-sandbox" : "--disable-sync",
                                command->page,
                                NULL};
    ML_TRY(ml_environment_with((const char *const[]){command->home, NULL}, &environment));
    return ml_probe_run(argv, environment, &limits, &output);
}

int ml_browser_print(struct ml_span page, struct ml_buf *ret_pdf)
{
    ML_CLEANUP(room_release) struct room room = {0};
    ML_CLEANUP(command_release) struct command command = {0};
    ML_CLEANUP(ml_freep) char *pdf = NULL;
    const char *name;
    ML_TRY(find_browser(&name));
    ML_TRY(room_make(&room));
    ML_TRY(write_page(&room, page));
    ML_TRY(path_in(&room, "--user-data-dir=", "profile", &command.profile));
    ML_TRY(path_in(&room, "--print-to-pdf=", "page.pdf", &command.target));
    ML_TRY(path_in(&room, "file://", "page.html", &command.page));
    ML_TRY(path_in(&room, "HOME=", "home", &command.home));
    ML_TRY(run(name, &command));
    ML_TRY(path_in(&room, "", "page.pdf", &pdf));
    int result = ml_file_slurp(pdf, "page.pdf", PDF_MAX, ret_pdf);
    return result == MLEDGER_ENOTFOUND ? ml_fail(MLEDGER_ESYSTEM, "'%s' made no PDF", name)
                                       : result;
}
