/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <sodium.h>

#include "ledger/store/durable.h"
#include "ledger/store/file_mark.h"

char ml_tls_priorities[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* One reading of the files. Sessions that began with it may still use it, so it stays until the
 * end: there is one for each time that they changed. */
struct generation {
    struct generation *older;
    gnutls_certificate_credentials_t credentials;
    gnutls_x509_crt_t certificate; /* the server's own */
};

enum { CERTIFICATE, KEY, CLIENT_CA, FILES };

struct ml_tls {
    char *paths[FILES]; /* the last may be NULL */
    void (*failed)(void *context);
    void *context;
    pthread_mutex_t mutex;            /* guards what follows */
    struct ml_file_mark marks[FILES]; /* of the files that were read last, or could not be used */
    struct generation *newest;
};

static int fail_tls(const char *path, int error)
{
    return error == GNUTLS_E_MEMORY_ERROR
               ? ml_fail_memory()
               : ml_fail(MLEDGER_EINVALID, "cannot use '%s': %s", path, gnutls_strerror(error));
}

/* ---- reading ---- */

static void wipe(struct ml_buf *buf)
{
    if (buf->data)
        sodium_memzero(buf->data, buf->cap);
    ml_buf_release(buf);
}

static int read_file(const char *path, const char *what, struct ml_buf *ret_text)
{
    /* Before anything is in it, so that a key never moves and leaves a copy behind. */
    ML_TRY(ml_buf_reserve(ret_text, ML_TLS_FILE_MAX + 8192));
    const int result = ml_durable_read(path, what, ML_TLS_FILE_MAX, ret_text);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no %s '%s'", what, path);
    return result;
}

static gnutls_datum_t datum_of(const struct ml_buf *text)
{
    return (gnutls_datum_t){.data = text->data, .size = (unsigned)text->len};
}

/* The first certificate in a PEM file. */
static int read_certificate(const char *path, const gnutls_datum_t *pem,
                            gnutls_x509_crt_t *ret_certificate)
{
    gnutls_x509_crt_t certificate;
    int error = gnutls_x509_crt_init(&certificate);
    if (error < 0)
        return fail_tls(path, error);
    error = gnutls_x509_crt_import(certificate, pem, GNUTLS_X509_FMT_PEM);
    if (error < 0) {
        gnutls_x509_crt_deinit(certificate);
        return fail_tls(path, error);
    }
    *ret_certificate = certificate;
    return MLEDGER_OK;
}

static int load_own(const struct ml_tls *tls, struct generation *generation)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf certificate = {0};
    ML_CLEANUP(wipe) struct ml_buf key = {0};
    ML_TRY(read_file(tls->paths[CERTIFICATE], "certificate", &certificate));
    ML_TRY(read_file(tls->paths[KEY], "key of a certificate", &key));
    const gnutls_datum_t pem = datum_of(&certificate), secret = datum_of(&key);
    ML_TRY(read_certificate(tls->paths[CERTIFICATE], &pem, &generation->certificate));
    const int error = gnutls_certificate_set_x509_key_mem2(generation->credentials, &pem, &secret,
                                                           GNUTLS_X509_FMT_PEM, NULL, 0);
    if (error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return ml_fail(MLEDGER_EINVALID, "'%s' is not the key of the certificate '%s'",
                       tls->paths[KEY], tls->paths[CERTIFICATE]);
    return error < 0 ? fail_tls(tls->paths[KEY], error) : MLEDGER_OK;
}

static int load_authority(const struct ml_tls *tls, struct generation *generation)
{
    const char *path = tls->paths[CLIENT_CA];
    if (!path)
        return MLEDGER_OK;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(read_file(path, "authority of clients", &text));
    const gnutls_datum_t pem = datum_of(&text);
    const int count =
        gnutls_certificate_set_x509_trust_mem(generation->credentials, &pem, GNUTLS_X509_FMT_PEM);
    if (count < 0)
        return fail_tls(path, count);
    return count > 0 ? MLEDGER_OK
                     : ml_fail(MLEDGER_EINVALID, "there is no certificate in '%s'", path);
}

static void free_generation(struct generation *generation)
{
    if (generation->certificate)
        gnutls_x509_crt_deinit(generation->certificate);
    gnutls_certificate_free_credentials(generation->credentials);
    free(generation);
}

static int load(const struct ml_tls *tls, struct generation **ret_generation)
{
    struct generation *generation = ml_calloc(1, sizeof *generation);
    if (!generation)
        return ml_fail_memory();
    if (gnutls_certificate_allocate_credentials(&generation->credentials) < 0) {
        free(generation);
        return ml_fail_memory();
    }
    int result = load_own(tls, generation);
    if (result >= 0)
        result = load_authority(tls, generation);
    if (result < 0) {
        free_generation(generation);
        return result;
    }
    *ret_generation = generation;
    return MLEDGER_OK;
}

/* Reads the files again if they are others. They are marked before, so that one that changes
 * meanwhile is read once more. */
static int refresh(struct ml_tls *tls)
{
    struct ml_file_mark marks[FILES] = {0};
    bool same = true;
    for (size_t i = 0; i < FILES; i++) {
        if (tls->paths[i])
            marks[i] = ml_file_mark(tls->paths[i]);
        same = same && ml_file_mark_equal(&marks[i], &tls->marks[i]);
    }
    if (same)
        return MLEDGER_OK;
    struct generation *generation;
    memcpy(tls->marks, marks, sizeof marks);
    ML_TRY(load(tls, &generation));
    generation->older = tls->newest;
    tls->newest = generation;
    return MLEDGER_OK;
}

/* ---- making ---- */

static int copy_paths(struct ml_tls *tls, const struct ml_tls_options *options)
{
    const char *const paths[FILES] = {options->certificate, options->key, options->client_ca};
    for (size_t i = 0; i < FILES; i++)
        if (paths[i] && !(tls->paths[i] = strdup(paths[i])))
            return ml_fail_memory();
    return MLEDGER_OK;
}

int ml_tls_new(const struct ml_tls_options *options, struct ml_tls **ret_tls)
{
    struct ml_tls *tls = ml_calloc(1, sizeof *tls);
    if (!tls)
        return ml_fail_memory();
    const int error_number = pthread_mutex_init(&tls->mutex, NULL);
    if (error_number != 0) {
        free(tls);
        return ml_fail_errno(error_number, "cannot make a mutex");
    }
    tls->failed = options->failed;
    tls->context = options->context;
    int result = copy_paths(tls, options);
    if (result >= 0)
        result = refresh(tls);
    if (result < 0) {
        ml_tls_free(tls);
        return result;
    }
    *ret_tls = tls;
    return MLEDGER_OK;
}

void ml_tls_free(struct ml_tls *tls)
{
    if (!tls)
        return;
    while (tls->newest) {
        struct generation *generation = tls->newest;
        tls->newest = generation->older;
        free_generation(generation);
    }
    for (size_t i = 0; i < FILES; i++)
        free(tls->paths[i]);
    pthread_mutex_destroy(&tls->mutex);
    free(tls);
}

/* ---- sessions ---- */

/* The newest files that can be used. */
static const struct generation *take_newest(struct ml_tls *tls)
{
    pthread_mutex_lock(&tls->mutex);
    if (refresh(tls) < 0 && tls->failed)
        tls->failed(tls->context);
    const struct generation *newest = tls->newest;
    pthread_mutex_unlock(&tls->mutex);
    return newest;
}

int ml_tls_begin(struct ml_tls *tls, void *session)
{
    const struct generation *newest = take_newest(tls);
    const int error = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, newest->credentials);
    if (error < 0)
        return ml_fail(MLEDGER_ESYSTEM, "cannot begin TLS: %s", gnutls_strerror(error));
    if (tls->paths[CLIENT_CA])
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    return MLEDGER_OK;
}

static int refuse_peer(unsigned status)
{
    gnutls_datum_t text;
    if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
        return ml_fail(MLEDGER_EINVALID, "the client's certificate is not trusted");
    /* GnuTLS ends with a space. */
    const size_t len = text.size > 0 && text.data[text.size - 1] == ' ' ? text.size - 1 : text.size;
    (void)ml_fail(MLEDGER_EINVALID, "the client's certificate is not trusted: %.*s", (int)len,
                  (const char *)text.data);
    gnutls_free(text.data);
    return MLEDGER_EINVALID;
}

int ml_tls_peer(void *session, uint8_t ret_sha256[ML_HASH_SIZE])
{
    static char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st data = {0};
    unsigned count = 0, status;
    data.type = GNUTLS_DT_KEY_PURPOSE_OID;
    data.data = (unsigned char *)purpose;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (!chain || count == 0)
        return 0;
    const int error = gnutls_certificate_verify_peers(session, &data, 1, &status);
    if (error < 0)
        return ml_fail(MLEDGER_EINVALID, "the client's certificate cannot be checked: %s",
                       gnutls_strerror(error));
    if (status != 0)
        return refuse_peer(status);
    const struct ml_span own = ML_SPAN(chain[0].data, chain[0].size);
    ML_TRY(ml_sha256(ret_sha256, &own, 1));
    return 1;
}

bool ml_tls_is_for(struct ml_tls *tls, const char *host)
{
    pthread_mutex_lock(&tls->mutex);
    const struct generation *newest = tls->newest;
    pthread_mutex_unlock(&tls->mutex);
    return gnutls_x509_crt_check_hostname(newest->certificate, host) != 0;
}

int ml_tls_fingerprint(const char *path, uint8_t ret_sha256[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    gnutls_x509_crt_t certificate;
    size_t size = ML_HASH_SIZE;
    ML_TRY(read_file(path, "certificate", &text));
    const gnutls_datum_t pem = datum_of(&text);
    ML_TRY(read_certificate(path, &pem, &certificate));
    const int error =
        gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, ret_sha256, &size);
    gnutls_x509_crt_deinit(certificate);
    return error < 0 ? fail_tls(path, error) : MLEDGER_OK;
}
