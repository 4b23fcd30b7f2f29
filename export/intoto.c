/* SPDX-License-Identifier: Apache-2.0 */
/*
 * in-toto Statements v1 (https://github.com/in-toto/attestation/tree/main/spec/v1), one on each
 * line, as bundles (.intoto.jsonl) hold them; --sign wraps each by itself. Their subjects are files
 * by digest: those of a version, of a logged model, or what a run made, where nothing was
 * registered from these. A version of which no digest is known cannot be attested to, and is left
 * out; that nothing is left is an error.
 *
 * `slsa` gives the provenance alone, `in-toto` also validations (as test results), transitions with
 * their approvals, and deployments.
 */
#include "export/formats.h"
#include "export/intoto_private.h"
#include "ledger/core/json.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"

static bool has_digest(const struct ml_account_file *file)
{
    return ml_digest_sha256(file->digests, file->n_digests) ||
           ml_digest_md5(file->digests, file->n_digests);
}

/* Is it spoken of as what was registered from it? */
static bool is_registered(const struct ml_account *account, size_t node)
{
    size_t place;
    switch (account->graph->nodes[node].kind) {
    case ML_NODE_RUN:
        return ml_account_after(account, node, ML_ROLE_REGISTERED_FROM, 0, &place) != SIZE_MAX;
    case ML_NODE_LOGGED_MODEL:
        return ml_account_after(account, node, ML_ROLE_DERIVED_FROM, 0, &place) != SIZE_MAX;
    default:
        return false;
    }
}

bool intoto_is_subject(const struct ml_document *document, size_t node)
{
    const struct ml_account *account = document->account;
    const struct ml_account_node *at = &account->nodes[node];
    const enum ml_node_kind kind = account->graph->nodes[node].kind;
    if (!ml_document_is_subject(document, node) || is_registered(account, node) ||
        (kind != ML_NODE_VERSION && kind != ML_NODE_LOGGED_MODEL && kind != ML_NODE_RUN))
        return false;
    for (size_t i = 0; i < at->n_artifacts; i++)
        if (has_digest(&at->artifacts[i]))
            return true;
    return false;
}

bool intoto_put_digests(struct ml_document *document, json_t *object,
                        const Mledger__Digest *const *digests, size_t count)
{
    const Mledger__Digest *sha256 = ml_digest_sha256(digests, count);
    const Mledger__Digest *md5 = ml_digest_md5(digests, count);
    if (!sha256 && !md5)
        return false;
    json_t *set = ml_put_object(document, object, "digest");
    if (sha256)
        ml_put_text(document, set, "sha256",
                    ml_document_hex(document, sha256->value.data, sha256->value.len));
    if (md5)
        ml_put_text(document, set, "md5",
                    ml_document_hex(document, md5->value.data, md5->value.len));
    return true;
}

/* "churn@3/model.onnx", "run:4f2a/model.onnx". */
static const char *subject_name(struct ml_document *document, size_t node, const char *path)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    const enum ml_node_kind kind = document->account->graph->nodes[node].kind;
    if (kind == ML_NODE_RUN || kind == ML_NODE_LOGGED_MODEL)
        return ml_document_text(document, "%s:%s/%s", ml_node_kind_name(kind), at->name, path);
    return ml_document_text(document, "%s@%llu/%s", at->name, (unsigned long long)at->version,
                            path);
}

/* Names of subjects are unique: of a path that was recorded twice the newest content counts. */
static bool is_repeated(const struct ml_account_node *at, size_t file)
{
    for (size_t i = file + 1; i < at->n_artifacts; i++)
        if (strcmp(at->artifacts[i].path, at->artifacts[file].path) == 0 &&
            has_digest(&at->artifacts[i]))
            return true;
    return false;
}

static void add_subjects(struct ml_document *document, json_t *subjects, size_t node)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    for (size_t i = 0; i < at->n_artifacts; i++) {
        const struct ml_account_file *file = &at->artifacts[i];
        if (!has_digest(file) || is_repeated(at, i))
            continue;
        json_t *subject = ml_add_object(document, subjects);
        ml_put_text(document, subject, "name", subject_name(document, node, file->path));
        intoto_put_digests(document, subject, file->digests, file->n_digests);
    }
}

json_t *intoto_statement(struct ml_document *document, size_t node, const char *predicate_type,
                         json_t **ret_predicate)
{
    json_t *statement = ml_add_object(document, document->root);
    ml_put_text(document, statement, "_type", STATEMENT_TYPE);
    add_subjects(document, ml_put_array(document, statement, "subject"), node);
    ml_put_text(document, statement, "predicateType", predicate_type);
    *ret_predicate = ml_put_object(document, statement, "predicate");
    return statement;
}

void intoto_put_source(struct ml_document *document, json_t *predicate,
                       const struct ml_account_record *record)
{
    ml_put_record(document, ml_put_object(document, predicate, "mledger_record"), record);
    ml_put_ledger(document, predicate, "mledger_ledger");
}

static int write_lines(struct ml_document *document, struct ml_buf *out)
{
    size_t i, before = out->len;
    json_t *statement;
    if (document->failed)
        return ml_fail_memory();
    json_array_foreach(document->root, i, statement)
    {
        int result = ml_json_dump(statement, 0, out);
        if (result >= 0)
            result = ml_buf_append_char(out, '\n');
        if (result < 0) {
            out->len = before;
            return result;
        }
    }
    return MLEDGER_OK;
}

static int write_statements(const struct ml_account *account, bool all, struct ml_buf *out)
{
    ML_CLEANUP(ml_document_release) struct ml_document document;
    ML_TRY(ml_document_init(&document, account, json_array()));
    for (size_t i = 0; i < account->graph->n_nodes; i++) {
        if (!intoto_is_subject(&document, i))
            continue;
        intoto_add_provenance(&document, i);
        if (all)
            intoto_add_acts(&document, i);
    }
    if (json_array_size(document.root) == 0) {
        ml_fail(MLEDGER_ENOTFOUND,
                "no version, logged model or run here has a file with a SHA-256 or MD5 digest,"
                " and in-toto attests to nothing else");
        return ml_hint("mledger lineage REF says which digests are known");
    }
    return write_lines(&document, out);
}

int ml_export_slsa(const struct ml_account *account, const struct ml_export_options *options,
                   struct ml_buf *out)
{
    (void)options;
    return write_statements(account, false, out);
}

int ml_export_intoto(const struct ml_account *account, const struct ml_export_options *options,
                     struct ml_buf *out)
{
    (void)options;
    return write_statements(account, true, out);
}
