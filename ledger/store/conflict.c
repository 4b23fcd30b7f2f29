/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/conflict.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "ledger/core/checkpoint.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"
#include "ledger/store/known_file.h"

enum { CONFLICT_MAX = 2 * ML_NOTE_MAX + 256 };

int ml_conflict_write(struct ml_span first, struct ml_span second, struct ml_buf *buf)
{
    ML_TRY(ml_buf_printf(buf, "mledger conflict v1\nfirst %zu\nsecond %zu\n\n", first.len,
                         second.len));
    ML_TRY(ml_buf_append(buf, first.data, first.len));
    return ml_buf_append(buf, second.data, second.len);
}

/* A line "WORD NUMBER". */
static bool take_length(struct ml_span *text, const char *word, uint64_t *ret_length)
{
    struct ml_span line;
    size_t len = strlen(word);
    return ml_tlog_line(text, &line) && line.len > len && memcmp(line.data, word, len) == 0 &&
           ml_tlog_number(ML_SPAN(line.data + len, line.len - len), ret_length);
}

int ml_conflict_read(struct ml_span bytes, struct ml_span *ret_first, struct ml_span *ret_second)
{
    static const char title[] = "mledger conflict v1";
    struct ml_span rest = bytes, line;
    uint64_t first, second;
    if (!ml_tlog_line(&rest, &line) || !ml_span_equal(line, ML_SPAN(title, sizeof title - 1)) ||
        !take_length(&rest, "first ", &first) || !take_length(&rest, "second ", &second) ||
        !ml_tlog_line(&rest, &line) || line.len > 0 || first > rest.len ||
        second != rest.len - first)
        return ml_fail(MLEDGER_EINVALID, "not two conflicting checkpoints");
    *ret_first = ML_SPAN(rest.data, (size_t)first);
    *ret_second = ML_SPAN(rest.data + first, (size_t)second);
    return MLEDGER_OK;
}

static int conflict_path(const char *known_dir, const uint8_t identity[ML_HASH_SIZE], unsigned n,
                         struct ml_buf *path)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, ".conflict-%u", n);
    return ml_known_path(known_dir, identity, suffix, path);
}

/* The number of such a file's name; 0: it is another. */
static unsigned number_of(const char *name, const char *begin)
{
    const size_t len = strlen(begin);
    char *end;
    if (strncmp(name, begin, len) != 0 || name[len] < '1' || name[len] > '9')
        return 0;
    const unsigned long n = strtoul(name + len, &end, 10);
    return *end || n > ML_CONFLICTS_MAX ? 0 : (unsigned)n;
}

int ml_conflict_list(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     bool ret_kept[ML_CONFLICTS_MAX + 1])
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)], begin[sizeof hex + 16];
    DIR *dir = opendir(known_dir);
    memset(ret_kept, 0, (ML_CONFLICTS_MAX + 1) * sizeof *ret_kept);
    if (!dir)
        return errno == ENOENT ? MLEDGER_OK : ml_fail_errno(errno, "cannot read '%s'", known_dir);
    ml_hex_encode(hex, identity, ML_HASH_SIZE);
    snprintf(begin, sizeof begin, "%s.conflict-", hex);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        ret_kept[number_of(entry->d_name, begin)] = true;
    ret_kept[0] = false;
    closedir(dir);
    return MLEDGER_OK;
}

int ml_conflict_load(const char *known_dir, const uint8_t identity[ML_HASH_SIZE], unsigned n,
                     struct ml_buf *ret_path, struct ml_buf *ret_text)
{
    ML_TRY(conflict_path(known_dir, identity, n, ret_path));
    return ml_durable_read((const char *)ret_path->data, "evidence", CONFLICT_MAX, ret_text);
}

/* 1: the file `path` holds this already; 0: it holds another; MLEDGER_ENOTFOUND. */
static int is_kept(const char *path, struct ml_span text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf kept = {0};
    ML_TRY(ml_durable_read(path, "evidence", CONFLICT_MAX, &kept));
    return ml_span_equal(ml_buf_span(&kept), text);
}

int ml_conflict_keep(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     struct ml_span first, struct ml_span second, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0}, path = {0};
    ML_TRY(ml_conflict_write(first, second, &text));
    ML_TRY(ml_known_dir_make(known_dir)); /* they may be the first that is seen of the ledger */
    int kept = 0;
    for (unsigned n = 1; n <= ML_CONFLICTS_MAX && kept == 0; n++) {
        ml_buf_clear(&path);
        ML_TRY(conflict_path(known_dir, identity, n, &path));
        kept = is_kept((const char *)path.data, ml_buf_span(&text));
    }
    if (kept == 0)
        return ml_fail(MLEDGER_ESYSTEM, "%d conflicts of this ledger are kept in '%s'",
                       ML_CONFLICTS_MAX, known_dir);
    if (kept == MLEDGER_ENOTFOUND)
        kept = ml_durable_write((const char *)path.data, "evidence", ml_buf_span(&text), false);
    ML_TRY(kept);
    path.len--;
    return ml_buf_take_text(&path, ret_path);
}
