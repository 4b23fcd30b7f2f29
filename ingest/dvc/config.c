/* SPDX-License-Identifier: Apache-2.0 */
/* .dvc/config: remotes, which is the default one, how mappings become options;
 * and .dvc/config.local, which is of one work tree and says more or otherwise. INI as configobj
 * writes it: [section], ['remote "name"'], key = value, # comments. */
#include "ingest/dvc/reader.h"
#include "ingest/file.h"

#include <strings.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20)

struct config {
    struct ml_dvc_reader *reader;
    const char *name;             /* of the file */
    const char *section;          /* "core", "remote", "parsing"; "" before the first */
    struct ml_dvc_remote *remote; /* being read, or NULL */
    const char *default_remote;
    unsigned line;
};

static int bad(const struct config *config, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%u: %s", config->name, config->line, what);
}

/* The text without blanks around it. */
static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

/* Without the quotes around it, if there is a pair; a comment behind an unquoted value goes. */
static char *unquote(char *text)
{
    const char quote = text[0];
    char *end = quote == '\'' || quote == '"' ? strchr(text + 1, quote) : NULL;
    if (end) {
        *end = '\0';
        return text + 1;
    }
    char *comment = strstr(text, " #");
    if (comment)
        *comment = '\0';
    return trim(text);
}

static const char *keep(struct config *config, const char *text)
{
    return ml_pool_text(&config->reader->project->pool, text, strlen(text));
}

static int add_remote(struct config *config, const char *name)
{
    struct ml_dvc_project *project = config->reader->project;
    for (size_t i = 0; i < project->remotes_count; i++)
        if (strcmp(project->remotes[i].name, name) == 0) {
            config->remote = &project->remotes[i];
            return 0;
        }
    ML_TRY(ml_grow(&project->remotes, &project->remotes_cap, project->remotes_count + 1,
                   sizeof(*project->remotes)));
    config->remote = &project->remotes[project->remotes_count++];
    *config->remote = (struct ml_dvc_remote){.name = keep(config, name), .url = ""};
    return config->remote->name ? 0 : MLEDGER_ESYSTEM;
}

static int on_section(struct config *config, char *text)
{
    char *end = strrchr(text, ']');
    if (!end)
        return bad(config, "a section without ']'");
    *end = '\0';
    char *name = unquote(trim(text + 1));
    config->remote = NULL;
    if (strncmp(name, "remote ", 7) == 0) {
        config->section = "remote";
        return add_remote(config, unquote(trim(name + 7)));
    }
    config->section = keep(config, name);
    return config->section ? 0 : MLEDGER_ESYSTEM;
}

static bool is_true(const char *value)
{
    return strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 ||
           strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;
}

static int on_setting(struct config *config, const char *key, const char *value)
{
    if (config->remote && strcmp(key, "url") == 0) {
        config->remote->url = keep(config, value);
        return config->remote->url ? 0 : MLEDGER_ESYSTEM;
    }
    if (config->remote && strcmp(key, "version_aware") == 0)
        config->remote->version_aware = is_true(value);
    else if (config->remote && strcmp(key, "worktree") == 0)
        config->remote->worktree = is_true(value);
    else if (strcmp(config->section, "core") == 0 && strcmp(key, "remote") == 0)
        config->default_remote = keep(config, value);
    else if (strcmp(config->section, "parsing") == 0 && strcmp(key, "bool") == 0)
        config->reader->style.no_prefix = strcmp(value, "boolean_optional") == 0;
    else if (strcmp(config->section, "parsing") == 0 && strcmp(key, "list") == 0)
        config->reader->style.append_list = strcmp(value, "append") == 0;
    return 0;
}

static int on_line(struct config *config, char *line)
{
    char *text = trim(line);
    if (text[0] == '\0' || text[0] == '#' || text[0] == ';')
        return 0;
    if (text[0] == '[')
        return on_section(config, text);
    char *equals = strchr(text, '=');
    if (!equals)
        return bad(config, "expected 'key = value'");
    *equals = '\0';
    return on_setting(config, trim(text), unquote(trim(equals + 1)));
}

static int read_lines(struct config *config, char *text)
{
    while (*text) {
        const size_t len = strcspn(text, "\n");
        const bool last = text[len] == '\0';
        text[len] = '\0';
        config->line++;
        ML_TRY(on_line(config, text));
        text += len + !last;
    }
    return 0;
}

/* 1: there is such a file. */
static int read_file(struct config *config, const char *name)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const struct ml_dvc_files *files = &config->reader->files;
    const int result = files->read(files, name, CONFIG_BYTES_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    ML_TRY(result);
    config->name = name;
    config->line = 0;
    config->section = "";
    config->remote = NULL;
    ML_TRY(ml_file_check_utf8(ml_buf_span(&text), name));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    ML_TRY(read_lines(config, (char *)text.data));
    return 1;
}

int ml_dvc_config_read(struct ml_dvc_reader *reader)
{
    struct config config = {.reader = reader};
    struct ml_dvc_project *project = reader->project;
    const int result = read_file(&config, ".dvc/config");
    ML_TRY(result);
    project->has_config = result > 0;
    ML_TRY(read_file(&config, ".dvc/config.local"));
    for (size_t i = 0; i < project->remotes_count; i++)
        project->remotes[i].is_default =
            config.default_remote && strcmp(project->remotes[i].name, config.default_remote) == 0;
    return 0;
}
