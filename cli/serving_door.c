/* SPDX-License-Identifier: Apache-2.0 */
/* serve/gate and TLS over the session's ledger. */
#include "cli/serving_door.h"

#include "cli/serving_wording.h"
#include "ledger/core/codec.h"
#include "serve/tls.h"

enum { SHARE = 2 }; /* one actor has at most one connection in two */

static void on_unreadable(void *context)
{
    ml_serving_report(context);
}

static bool is_ours(const char *host, void *context)
{
    return ml_tls_is_for(context, host);
}

/* ---- opening ---- */

static int open_tls(struct ml_serving *serving)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    const struct ml_tls_options options = {
        .certificate = ml_option_text(invocation, "tls-cert", NULL),
        .key = ml_option_text(invocation, "tls-key", NULL),
        .client_ca = ml_option_text(invocation, "tls-client-ca", NULL),
        .failed = on_unreadable,
        .context = serving};
    if (!options.certificate != !options.key)
        return ml_fail(MLEDGER_EUSAGE, "of --tls-cert and --tls-key one needs the other");
    if (options.client_ca && !options.certificate)
        return ml_fail(MLEDGER_EUSAGE, "--tls-client-ca needs --tls-cert and --tls-key");
    if (options.certificate && ml_option_given(invocation, "behind-tls-proxy"))
        return ml_fail(MLEDGER_EUSAGE, "--tls-cert and --behind-tls-proxy exclude each other");
    return options.certificate ? ml_tls_new(&options, &serving->tls) : MLEDGER_OK;
}

static int read_hosts(struct ml_serving *serving, struct ml_origin *origin)
{
    const struct ml_invocation *invocation = serving->session.invocation;
    const size_t count = ml_option_count(invocation, "host");
    serving->hosts = ml_calloc(count + 1, sizeof *serving->hosts);
    if (!serving->hosts)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        serving->hosts[i] = ml_option_at(invocation, "host", i);
    origin->hosts = serving->hosts;
    origin->n_hosts = count;
    return MLEDGER_OK;
}

static size_t connections_max(const struct ml_serving *serving)
{
    return ml_option_number(serving->session.invocation, "max-connections",
                            ML_SERVER_CONNECTIONS_MAX);
}

/* Whether the server signs as a person; *ret_standing is of its key. */
static int is_persons(struct ml_view *view, const struct ml_signer *signer,
                      struct ml_standing *ret_standing, bool *ret_is)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    Mledger__SubjectState *actor;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_standing_read(view, signer->key, ret_standing));
    *ret_is = false;
    if (!ret_standing->known)
        return MLEDGER_OK;
    ML_TRY(ml_state_subject(view->state, ret_standing->actor, &arena, &actor));
    *ret_is = actor->has_actor_kind && actor->actor_kind == MLEDGER__ACTOR_KIND__PERSON;
    return MLEDGER_OK;
}

/* A person who signs on behalf of others leaves it unknown who they are to four eyes
 * (docs/FORMAT.md, section 6): whoever runs such a server is told. */
static int check_key(struct ml_serving *serving)
{
    struct ml_view view;
    struct ml_standing standing;
    bool is_person;
    if (!serving->signer || !ml_door_asks(serving->door))
        return MLEDGER_OK;
    ML_TRY(ml_view_begin(serving->session.ledger, &view));
    const int result = is_persons(&view, serving->signer, &standing, &is_person);
    ml_view_end(&view);
    ML_TRY(result);
    if (!is_person)
        return MLEDGER_OK;
    (void)ml_fail(
        MLEDGER_ESYSTEM,
        "the server signs by a key of the person '%s': of what it records for others four "
        "eyes do not know the author",
        standing.actor_id);
    (void)ml_hint(
        "mledger actor add server --kind service --roles recorder, then a key for it, and "
        "serve --key");
    ml_serving_report(serving);
    ml_error_clear();
    return MLEDGER_OK;
}

static int open_door(struct ml_serving *serving)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    struct ml_door_options options = {.ledger = serving->session.ledger,
                                      .each_max =
                                          (unsigned)((connections_max(serving) + 1) / SHARE),
                                      .failed = on_unreadable,
                                      .word = ml_serving_refuse,
                                      .context = serving};
    ML_TRY(open_tls(serving));
    ML_TRY(read_hosts(serving, &options.origin));
    options.is_proxied = ml_option_given(serving->session.invocation, "behind-tls-proxy");
    options.origin.is_https = serving->tls || options.is_proxied;
    if (serving->tls) {
        options.origin.is_ours = is_ours;
        options.origin.context = serving->tls;
    }
    ML_TRY(ml_users_place(&serving->session, &path, options.identity));
    options.users_path = path;
    ML_TRY(ml_door_new(&options, &serving->door));
    return check_key(serving);
}

static void close_door(struct ml_serving *serving)
{
    ml_door_free(serving->door);
    ml_tls_free(serving->tls);
    free(serving->hosts);
}

const struct ml_serving_part ml_serving_door = {.open = open_door, .close = close_door};

/* ---- serving ---- */

static int admit(const struct ml_server_request *request, void *context,
                 struct ml_caller *ret_caller, struct ml_server_reply *reply)
{
    const struct ml_serving *serving = context;
    return ml_door_admit(serving->door, request, ret_caller, reply);
}

static void leave(void *context, const struct ml_caller *caller)
{
    const struct ml_serving *serving = context;
    ml_door_leave(serving->door, caller);
}

static const char *loopback_because(const struct ml_serving *serving)
{
    if (!ml_door_asks(serving->door))
        return "nobody is asked who they are (mledger token add)";
    if (!serving->tls && !ml_option_given(serving->session.invocation, "behind-tls-proxy"))
        return "tokens and passwords would come in the clear (--tls-cert and --tls-key, or "
               "--behind-tls-proxy)";
    return NULL;
}

void ml_serving_guard(struct ml_serving *serving, struct ml_server_options *options)
{
    options->loopback_because = loopback_because(serving);
    options->tls = serving->tls;
    options->pace.connections_max = connections_max(serving);
    options->admit = admit;
    options->leave = leave;
}
