/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/export_document.h"

#include <inttypes.h>

#include "cli/basis.h"
#include "cli/environment.h"
#include "cli/human.h"
#include "cli/moment.h"
#include "cli/outfile.h"
#include "cli/post_events.h"
#include "export/envelope.h"
#include "ledger/query/lineage.h"
#include "ledger/query/standing.h"

struct job {
    const struct ml_invocation *invocation;
    const struct ml_export_format *format;
    struct ml_session session;
    struct ml_moment moment;
    struct ml_graph *graph;
    struct ml_account *account;
    struct ml_buf document;
};

static void release_job(struct job *job)
{
    ml_buf_release(&job->document);
    ml_account_free(job->account);
    ml_graph_free(job->graph);
    ml_moment_release(&job->moment);
    ml_session_release(&job->session);
}

/* ---- what is asked for ---- */

static struct ml_lineage_options options_of(const struct job *job, bool whole)
{
    const struct ml_invocation *invocation = job->invocation;
    struct ml_lineage_options options = ml_lineage_defaults();
    options.down = whole || ml_option_given(invocation, "down");
    options.up = whole || ml_option_given(invocation, "up") || !options.down;
    options.depth = (uint32_t)ml_option_number(invocation, "depth", 0);
    options.as_of = job->moment.as_of;
    options.same_content = !ml_option_given(invocation, "no-same-content");
    options.inferred = !ml_option_given(invocation, "no-inferred");
    options.max_nodes = ML_LINEAGE_NODES_MAX;
    return options;
}

static int read_account(struct job *job)
{
    size_t count = ml_argument_count(job->invocation, "REF");
    ML_CLEANUP(ml_freep) const char **references = ml_calloc(count + 1, sizeof *references);
    if (!references)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        references[i] = ml_argument_at(job->invocation, "REF", i);
    struct ml_lineage_options options = options_of(job, count == 0);
    ML_TRY(ml_lineage_many(&job->moment.view, references, count, &options, &job->graph));
    return ml_account_new(&job->moment.view, job->graph, &job->account);
}

/* "lineage of churn/3 and runs:/4f2a", "ledger churn". */
static int write_query(const struct job *job, struct ml_buf *query)
{
    size_t count = ml_argument_count(job->invocation, "REF");
    if (count == 0) {
        ML_TRY(ml_buf_printf(query, "ledger %s", job->moment.ledger));
        return ml_buf_append_char(query, '\0');
    }
    ML_TRY(ml_buf_append_text(query,
                              job->graph->down && !job->graph->up ? "what came of" : "lineage of"));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_buf_printf(query, "%s%s", i ? " and " : " ",
                             ml_argument_at(job->invocation, "REF", i)));
    return ml_buf_append_char(query, '\0');
}

/* ---- the document ---- */

/* By the same rules as a record: what nobody can check by the ledger's keys is not worth signing.
 */
static int check_signer(struct job *job, const struct ml_signer *signer)
{
    struct ml_standing standing;
    ML_TRY(ml_standing_read(&job->moment.view, signer->key, &standing));
    if (standing.known && standing.purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_refuse("key-purpose", "a log key signs checkpoints and nothing else");
    if (standing.known && standing.living)
        return MLEDGER_OK;
    if (standing.known)
        ml_refuse("key-revoked", "the key has ended in this ledger");
    else
        ml_refuse("key-unknown", "the key is none of this ledger's");
    return ml_hint("mledger key list");
}

static int wrap(struct job *job)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf wrapped = {0};
    const struct ml_signer *signer;
    if (!ml_option_given(job->invocation, "sign"))
        return MLEDGER_OK;
    ML_TRY(ml_session_signer(&job->session, MLEDGER__ROLE__RECORDER, &signer));
    ML_TRY(check_signer(job, signer));
    ML_TRY((job->format->by_line ? ml_envelope_append_lines : ml_envelope_append)(
        job->format->media_type, ml_buf_span(&job->document), signer, &wrapped));
    ml_buf_release(&job->document);
    job->document = wrapped;
    wrapped = (struct ml_buf){0};
    return MLEDGER_OK;
}

static int write_document(struct job *job)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_TRY(write_query(job, &query));
    const struct ml_export_options options = {
        .query = (const char *)query.data,
        .table = ml_option_text(job->invocation, "table", NULL),
    };
    ML_TRY(job->format->write(job->account, &options, &job->document));
    return wrap(job);
}

static int post(const struct job *job, const char *url, struct ml_output *out)
{
    uint64_t count;
    ML_TRY(ml_post_events(
        url, ml_environment_get("OPENLINEAGE_API_KEY"), ml_buf_span(&job->document),
        ml_option_number(job->invocation, "post-from", 1), job->invocation->quiet, &count));
    if (job->invocation->json) {
        json_t *json = json_pack("{s:I, s:s}", "posted", (json_int_t)count, "url", url);
        if (!json)
            return ml_fail_memory();
        ml_output_json(out, json);
        json_decref(json);
    } else if (!job->invocation->quiet) {
        ml_output_line(out, ML_ROLE_PLAIN, "posted %" PRIu64 " event%s to %s", count,
                       count == 1 ? "" : "s", url);
    }
    return MLEDGER_OK;
}

static void tell(const struct job *job, const char *path, struct ml_output *out)
{
    char count[ML_HUMAN_SIZE];
    if (!path || strcmp(path, "-") == 0 || job->invocation->quiet || job->invocation->json)
        return;
    ml_output_line(out, ML_ROLE_PLAIN, "wrote %s, %s node%s, to %s", job->format->name,
                   ml_human_count(count, job->graph->n_nodes), job->graph->n_nodes == 1 ? "" : "s",
                   path);
}

static int check_options(const struct ml_invocation *invocation,
                         const struct ml_export_format *format)
{
    static const struct {
        const char *option, *format;
    } only[] = {{"table", "csv"}, {"post", "openlineage"}};
    for (size_t i = 0; i < ML_COUNT(only); i++)
        if (ml_option_given(invocation, only[i].option) &&
            strcmp(format->name, only[i].format) != 0)
            return ml_fail(MLEDGER_EUSAGE, "--%s is for --format %s", only[i].option,
                           only[i].format);
    if (ml_option_given(invocation, "post") && ml_option_given(invocation, "sign"))
        return ml_fail(MLEDGER_EUSAGE, "an endpoint takes events as they are, without --sign");
    if (ml_option_given(invocation, "post-from") && !ml_option_given(invocation, "post"))
        return ml_fail(MLEDGER_EUSAGE, "--post-from is for --post");
    if (ml_option_given(invocation, "key") && !ml_option_given(invocation, "sign"))
        return ml_fail(MLEDGER_EUSAGE, "--key is for --sign");
    return MLEDGER_OK;
}

/* Others' formats have no place for it. */
static int note_later(struct job *job)
{
    ML_CLEANUP(ml_basis_release) struct ml_basis basis = {0};
    struct ml_reader reader;
    ml_reader_init(&reader, &job->moment.view, job->moment.as_of);
    int result = ml_basis_add_graph(&basis, job->graph);
    if (result >= 0)
        result = ml_basis_correct(&basis, &reader, &job->moment.instant);
    if (result >= 0)
        result = ml_corrections_note(&basis.corrections, job->invocation, "mledger lineage --json");
    ml_reader_release(&reader);
    return result;
}

int ml_export_document(const struct ml_invocation *invocation,
                       const struct ml_export_format *format, struct ml_output *out)
{
    ML_CLEANUP(release_job) struct job job = {.invocation = invocation, .format = format};
    const char *path = ml_option_text(invocation, "output", NULL);
    const char *url = ml_option_text(invocation, "post", NULL);
    ML_TRY(check_options(invocation, format));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &job.session));
    ML_TRY(ml_moment_open(&job.session, &job.moment));
    ML_TRY(read_account(&job));
    ML_TRY(write_document(&job));
    if (path || !url)
        ML_TRY(ml_outfile_put(path, ml_buf_span(&job.document), out));
    tell(&job, path, out);
    ML_TRY(note_later(&job));
    return url ? post(&job, url, out) : MLEDGER_OK;
}
