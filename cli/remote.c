/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/environment.h"
#include "cli/ledger_dir.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"

enum { TOKEN_MAX = 4096 };

bool ml_remote_is(const struct ml_invocation *invocation)
{
    const char *name = ml_ledger_named(invocation);
    return name && ml_ledger_is_url(name);
}

void ml_remote_remark(const struct ml_remote *remote, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *text = NULL;
    struct ml_output err;
    va_list args;
    if (remote->session.invocation->quiet)
        return;
    va_start(args, format);
    const int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        text = NULL; /* undefined after a failure */
        return;
    }
    ml_output_init(&err, stderr, remote->session.invocation->color);
    ml_output_line(&err, ML_ROLE_DIM, "%s", text);
}

/* ---- who asks, and whom is trusted ---- */

static int read_token_file(const char *path, char **ret_token)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const int result = ml_durable_read(path, "token", TOKEN_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
    ML_TRY(result);
    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
        text.len--;
    if (text.len == 0 || memchr(text.data, '\n', text.len) || memchr(text.data, '\0', text.len))
        return ml_fail(MLEDGER_EUSAGE, "'%s' does not hold one line, the token", path);
    return ml_buf_take_text(&text, ret_token);
}

/* --token-file, else MLEDGER_TOKEN; never on a command line, which others can read. */
static int find_token(struct ml_remote *remote)
{
    const char *path = ml_option_text(remote->session.invocation, "token-file", NULL);
    const char *token = ml_environment_get("MLEDGER_TOKEN");
    if (path)
        return read_token_file(path, &remote->token);
    if (!token)
        return MLEDGER_OK;
    remote->token = strdup(token);
    return remote->token ? MLEDGER_OK : ml_fail_memory();
}

static int open_client(struct ml_remote *remote)
{
    const struct ml_invocation *invocation = remote->session.invocation;
    const struct ml_api_client_options options = {
        .url = ml_ledger_named(invocation),
        .token = remote->token,
        .ca_file = ml_option_text(invocation, "ca", NULL),
        .certificate = ml_option_text(invocation, "client-cert", NULL),
        .certificate_key = ml_option_text(invocation, "client-key", NULL)};
    if (options.certificate_key && !options.certificate)
        return ml_fail(MLEDGER_EUSAGE,
                       "--client-key is the key of --client-cert, which is not given");
    return ml_api_client_new(&options, &remote->client);
}

static int read_vkeys(const struct ml_invocation *invocation, struct ml_vkey *vkeys, size_t *count)
{
    *count = ml_option_count(invocation, "vkey");
    if (*count > ML_PIN_VKEYS)
        return ml_fail(MLEDGER_EUSAGE, "--vkey is given more than %d times", ML_PIN_VKEYS);
    for (size_t i = 0; i < *count; i++) {
        const char *text = ml_option_at(invocation, "vkey", i);
        if (ml_vkey_parse(ML_SPAN(text, strlen(text)), &vkeys[i]) >= 0)
            continue;
        struct ml_error error;
        ml_error_get(&error);
        return ml_fail(MLEDGER_EUSAGE, "--vkey: %s", error.text);
    }
    return MLEDGER_OK;
}

static int open_trust(struct ml_remote *remote)
{
    const struct ml_invocation *invocation = remote->session.invocation;
    const char *identity = ml_option_text(invocation, "identity", NULL);
    uint8_t bytes[ML_HASH_SIZE];
    struct ml_vkey vkeys[ML_PIN_VKEYS];
    struct ml_trust_options options = {.vkeys = vkeys};
    ML_TRY(read_vkeys(invocation, vkeys, &options.n_vkeys));
    if (identity && ml_hex_decode(identity, strlen(identity), bytes, sizeof bytes) < 0)
        return ml_fail(MLEDGER_EUSAGE, "--identity: %d hexadecimal digits, as mledger init prints",
                       2 * ML_HASH_SIZE);
    options.identity = identity ? bytes : NULL;
    return ml_trust_open(remote->client, remote->known_dir, &options, &remote->trust);
}

static void tell_new(const struct ml_remote *remote)
{
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (!remote->trust.is_new || ml_option_given(remote->session.invocation, "identity"))
        return;
    ml_hex_encode(identity, remote->trust.pin.identity, ML_HASH_SIZE);
    ml_remote_remark(remote,
                     "first contact with %s: its ledger is %s (%s), and no other is taken "
                     "from there any more; compare this with what 'mledger init' printed",
                     ml_api_client_url(remote->client), identity, remote->trust.pin.vkeys[0].name);
}

int ml_remote_open(const struct ml_invocation *invocation, struct ml_output *out,
                   struct ml_remote *ret_remote)
{
    *ret_remote = (struct ml_remote){0};
    ML_TRY(ml_session_open_keys(invocation, out, &ret_remote->session));
    ML_TRY(ml_user_dir("XDG_STATE_HOME", ".local/state", "mledger", &ret_remote->known_dir));
    ML_TRY(find_token(ret_remote));
    ML_TRY(open_client(ret_remote));
    ML_TRY(open_trust(ret_remote));
    tell_new(ret_remote);
    return MLEDGER_OK;
}

static void wipe(char *token)
{
    if (token)
        explicit_bzero(token, strlen(token));
    free(token);
}

void ml_remote_release(struct ml_remote *remote)
{
    ml_trust_release(&remote->trust);
    ml_api_client_free(remote->client);
    wipe(remote->token);
    free(remote->known_dir);
    ml_session_release(&remote->session);
}

/* ---- what is seen of the ledger ---- */

static int find_size(struct ml_remote *remote, uint64_t *ret_size)
{
    ML_CLEANUP(json_decrefp) json_t *head = NULL;
    struct ml_api_ask ask;
    ml_api_ask(remote->client, &ask, "head");
    ML_TRY(ml_api_get_json(remote->client, &ask, &head));
    ML_TRY(ml_api_number_in(head, "size", ret_size));
    if (*ret_size == 0)
        return ml_fail(MLEDGER_EDAMAGED, "the server says that its ledger holds no records");
    return MLEDGER_OK;
}

int ml_remote_open_covered(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_remote *ret_remote)
{
    uint64_t size;
    ML_TRY(ml_remote_open(invocation, out, ret_remote));
    ML_TRY(find_size(ret_remote, &size));
    const int result = ml_trust_checkpoint(&ret_remote->trust, size - 1);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_clear();
    return ml_trust_checkpoint(&ret_remote->trust, MLEDGER_NO_SEQ);
}

struct ml_head ml_remote_head(const struct ml_remote *remote)
{
    struct ml_head head = {.size = remote->trust.checkpoint.size};
    memcpy(head.identity, remote->trust.pin.identity, ML_HASH_SIZE);
    memcpy(head.link, remote->trust.link, ML_HASH_SIZE);
    return head;
}
