/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/witness_file.h"

#include "cli/keyring.h"
#include "ingest/file.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"

static const char group_name[] = "witnesses";

static int default_path(const uint8_t identity[ML_HASH_SIZE], char **ret_path)
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_user_dir("XDG_CONFIG_HOME", ".config", "mledger/witnesses", &dir));
    ML_TRY(ml_buf_printf(&path, "%s/", dir));
    ML_TRY(ml_hex_append(&path, identity, ML_HASH_SIZE));
    ML_TRY(ml_buf_append_text(&path, ".policy"));
    return ml_buf_take_text(&path, ret_path);
}

int ml_witness_file_read(const uint8_t identity[ML_HASH_SIZE], const char *path,
                         struct ml_witness_file *ret_file)
{
    *ret_file = (struct ml_witness_file){0};
    if (!path)
        ML_TRY(default_path(identity, &ret_file->path));
    else if (!(ret_file->path = strdup(path)))
        return ml_fail_memory();
    int result = ml_file_slurp(ret_file->path, NULL, ML_POLICY_FILE_MAX, &ret_file->text);
    if (result == MLEDGER_ENOTFOUND && !path) {
        ml_error_clear();
        return MLEDGER_OK;
    }
    ML_TRY(result);
    return ml_witness_policy_parse(ml_buf_span(&ret_file->text), ret_file->path, &ret_file->policy);
}

void ml_witness_file_release(struct ml_witness_file *file)
{
    free(file->path);
    ml_buf_release(&file->text);
    ml_witness_policy_free(file->policy);
    *file = (struct ml_witness_file){0};
}

int ml_witness_edit_begin(const struct ml_witness_file *file, struct ml_witness_edit *ret_edit)
{
    struct ml_witness_edit edit = {.quorum = ML_POLICY_ALL};
    if (file->policy) {
        edit.quorum = ml_witness_policy_quorum(file->policy);
        edit.count = ml_witness_policy_witnesses(file->policy);
    }
    if (edit.quorum == ML_POLICY_OTHER) {
        (void)ml_refuse("witness-policy-by-hand",
                        "the policy '%s' has groups or a quorum of its own, which this command "
                        "does not understand well enough to change",
                        file->path);
        return ml_hint("edit the file: it is a C2SP tlog-policy");
    }
    for (size_t i = 0; i < edit.count; i++)
        edit.witnesses[i] = ml_witness_policy_witness(file->policy, i);
    *ret_edit = edit;
    return MLEDGER_OK;
}

static bool is_comment(struct ml_span line)
{
    size_t blanks = 0;
    while (blanks < line.len && (line.data[blanks] == ' ' || line.data[blanks] == '\t'))
        blanks++;
    return blanks < line.len && line.data[blanks] == '#';
}

static int write_comments(const struct ml_witness_file *file, struct ml_buf *text)
{
    struct ml_span rest = ml_buf_span(&file->text), line;
    if (!file->policy)
        return ml_buf_append_text(text, "# Which checkpoints of this ledger to believe "
                                        "(C2SP tlog-policy): mledger witness --help\n");
    while (ml_tlog_line(&rest, &line))
        if (is_comment(line))
            ML_TRY(ml_buf_printf(text, "%.*s\n", (int)line.len, (const char *)line.data));
    return MLEDGER_OK;
}

static int write_party(const char *words, const struct ml_policy_party *party, struct ml_buf *text)
{
    ML_TRY(ml_buf_printf(text, "%s ", words));
    ML_TRY(ml_vkey_write(party->vkey, text));
    return ml_buf_printf(text, "%s%s\n", *party->url ? " " : "", party->url);
}

static int write_parties(const struct ml_witness_file *file, const struct ml_witness_edit *edit,
                         struct ml_buf *text)
{
    for (size_t i = 0; file->policy && i < ml_witness_policy_logs(file->policy); i++) {
        const struct ml_policy_party log = ml_witness_policy_log(file->policy, i);
        ML_TRY(write_party("log", &log, text));
    }
    for (size_t i = 0; i < edit->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf words = {0};
        ML_TRY(ml_buf_printf(&words, "witness %s", edit->witnesses[i].name));
        ML_TRY(ml_buf_append_char(&words, '\0'));
        ML_TRY(write_party((const char *)words.data, &edit->witnesses[i], text));
    }
    return MLEDGER_OK;
}

static int write_quorum(const struct ml_witness_edit *edit, struct ml_buf *text)
{
    if (edit->quorum == 0 || edit->count == 0)
        return ml_buf_append_text(text, "quorum none\n");
    if (edit->quorum == ML_POLICY_ALL)
        ML_TRY(ml_buf_printf(text, "group %s all", group_name));
    else
        ML_TRY(ml_buf_printf(text, "group %s %d", group_name, edit->quorum));
    for (size_t i = 0; i < edit->count; i++)
        ML_TRY(ml_buf_printf(text, " %s", edit->witnesses[i].name));
    return ml_buf_printf(text, "\nquorum %s\n", group_name);
}

static int make_dir_of(const char *path)
{
    ML_CLEANUP(ml_freep) char *dir = strdup(path);
    if (!dir)
        return ml_fail_memory();
    *strrchr(dir, '/') = '\0';
    return ml_user_dir_make(dir);
}

int ml_witness_edit_write(const struct ml_witness_file *file, const struct ml_witness_edit *edit)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_witness_policy_freep) struct ml_witness_policy *again = NULL;
    ML_TRY(write_comments(file, &text));
    ML_TRY(write_parties(file, edit, &text));
    ML_TRY(write_quorum(edit, &text));
    if (ml_witness_policy_parse(ml_buf_span(&text), "the new policy", &again) < 0)
        return ml_failed();
    ML_TRY(make_dir_of(file->path));
    return ml_durable_write(file->path, "policy", ml_buf_span(&text), true);
}
