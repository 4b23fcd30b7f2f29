/* SPDX-License-Identifier: Apache-2.0 */
/* What a client sends of itself before anybody knows who it is: the headers Authorization, Host and
 * Origin, parted by line feeds. */
#include "serve/gate/credential.h"
#include "serve/gate/origin.h"
#include "tests/fuzz/target.h"

static void check_credential(const char *text)
{
    struct ml_credential credential;
    const int result = ml_credential_read(text, &credential);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result == MLEDGER_OK) {
        FUZZ_CHECK(credential.id[0] && strlen(credential.id) <= ML_USER_NAME_MAX);
        FUZZ_CHECK(credential.secret_len > 0 && credential.secret_len <= ML_CREDENTIAL_SECRET_MAX);
        FUZZ_CHECK(credential.kind != ML_USER_TOKEN ||
                   credential.secret_len == ML_TOKEN_SECRET_LEN);
    }
    ml_credential_release(&credential);
}

/* Only the loopback's own pages are let in. */
static void check_origin(const char *host, const char *page)
{
    const struct ml_origin loopback = {0};
    const int result = ml_origin_check_headers(&loopback, host, page);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EREFUSED);
    FUZZ_CHECK(result == MLEDGER_EREFUSED || host[0] == '[' || strchr("lL1", host[0]));
    FUZZ_CHECK(result == MLEDGER_EREFUSED || strlen(page) == strlen("http://") + strlen(host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_CHECK(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    char *host = strchr(text, '\n');
    char *page = host ? strchr(host + 1, '\n') : NULL;
    if (host)
        *host++ = '\0';
    if (page)
        *page++ = '\0';
    check_credential(text);
    if (host && page)
        check_origin(host, page);
    free(text);
    return 0;
}
