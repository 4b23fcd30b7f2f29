/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tsa.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

struct tsa {
    EVP_PKEY *root_key, *key;
    X509 *root, *certificate;
    int64_t seconds;
    long micros;
    int accuracy[3];
    bool capable;
    long serial;
};

/* A test cannot go on without. */
static void must(bool well)
{
    if (!well)
        abort();
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *new_certificate(const char *organisation, const char *name, long serial, EVP_PKEY *key,
                             X509 *issuer)
{
    X509 *certificate = X509_new();
    must(certificate && X509_set_version(certificate, 2) == 1);
    X509_NAME *subject = X509_get_subject_name(certificate);
    must(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
                                    (const unsigned char *)organisation, -1, -1, 0) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                    -1, 0) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), TSA_VALID_FROM) &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), TSA_VALID_UNTIL) &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate)) ==
             1);
    return certificate;
}

struct tsa *tsa_new(const char *name)
{
    struct tsa *tsa = ml_calloc(1, sizeof *tsa);
    must(tsa);
    tsa->root_key = EVP_EC_gen("P-256");
    tsa->key = EVP_EC_gen("P-256");
    must(tsa->root_key && tsa->key);
    tsa->root = new_certificate(name, "root", 1, tsa->root_key, NULL);
    add_extension(tsa->root, tsa->root, NID_basic_constraints, "critical,CA:TRUE");
    must(X509_sign(tsa->root, tsa->root_key, EVP_sha256()) > 0);
    tsa->certificate = new_certificate(name, "stamps", 2, tsa->key, tsa->root);
    add_extension(tsa->certificate, tsa->root, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(tsa->certificate, tsa->root, NID_key_usage, "critical,digitalSignature");
    add_extension(tsa->certificate, tsa->root, NID_ext_key_usage, "critical,timeStamping");
    must(X509_sign(tsa->certificate, tsa->root_key, EVP_sha256()) > 0);
    tsa->seconds = INT64_C(1700000000);
    tsa->capable = true;
    return tsa;
}

void tsa_free(struct tsa *tsa)
{
    if (!tsa)
        return;
    X509_free(tsa->root);
    X509_free(tsa->certificate);
    EVP_PKEY_free(tsa->root_key);
    EVP_PKEY_free(tsa->key);
    free(tsa);
}

void tsa_set_clock(struct tsa *tsa, int64_t seconds, long micros)
{
    tsa->seconds = seconds;
    tsa->micros = micros;
}

void tsa_set_accuracy(struct tsa *tsa, int seconds, int millis, int micros)
{
    tsa->accuracy[0] = seconds;
    tsa->accuracy[1] = millis;
    tsa->accuracy[2] = micros;
}

void tsa_set_capable(struct tsa *tsa, bool capable)
{
    tsa->capable = capable;
}

static void append_pem(X509 *certificate, struct ml_buf *pem)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    must(bio && PEM_write_bio_X509(bio, certificate) == 1);
    long len = BIO_get_mem_data(bio, &text);
    must(ml_buf_append(pem, text, (size_t)len) >= 0);
    BIO_free(bio);
}

void tsa_root_pem(const struct tsa *tsa, struct ml_buf *pem)
{
    append_pem(tsa->root, pem);
}

void tsa_own_pem(const struct tsa *tsa, struct ml_buf *pem)
{
    append_pem(tsa->certificate, pem);
}

static ASN1_INTEGER *next_serial(TS_RESP_CTX *context, void *data)
{
    struct tsa *tsa = data;
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    (void)context;
    must(serial && ASN1_INTEGER_set(serial, ++tsa->serial) == 1);
    return serial;
}

static int tell_time(TS_RESP_CTX *context, void *data, long *seconds, long *micros)
{
    const struct tsa *tsa = data;
    (void)context;
    *seconds = (long)tsa->seconds;
    *micros = tsa->micros;
    return 1;
}

static TS_RESP_CTX *new_context(struct tsa *tsa)
{
    TS_RESP_CTX *context = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
    STACK_OF(X509) *chain = sk_X509_new_null();
    must(context && policy && chain && sk_X509_push(chain, tsa->root) > 0);
    must(TS_RESP_CTX_set_signer_cert(context, tsa->certificate) == 1 &&
         TS_RESP_CTX_set_signer_key(context, tsa->key) == 1 &&
         TS_RESP_CTX_set_certs(context, chain) == 1 &&
         TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) == 1 &&
         TS_RESP_CTX_set_def_policy(context, policy) == 1 &&
         TS_RESP_CTX_add_md(context, tsa->capable ? EVP_sha256() : EVP_sha512()) == 1 &&
         TS_RESP_CTX_set_clock_precision_digits(context, 6) == 1);
    if (tsa->accuracy[0] || tsa->accuracy[1] || tsa->accuracy[2])
        must(TS_RESP_CTX_set_accuracy(context, tsa->accuracy[0], tsa->accuracy[1],
                                      tsa->accuracy[2]) == 1);
    TS_RESP_CTX_set_serial_cb(context, next_serial, tsa);
    TS_RESP_CTX_set_time_cb(context, tell_time, tsa);
    sk_X509_free(chain);
    ASN1_OBJECT_free(policy);
    return context;
}

void tsa_respond(struct tsa *tsa, struct ml_span request, struct ml_buf *response)
{
    TS_RESP_CTX *context = new_context(tsa);
    BIO *bio = BIO_new_mem_buf(request.data, (int)request.len);
    must(bio);
    TS_RESP *made = TS_RESP_create_response(context, bio);
    unsigned char *der = NULL;
    int len = made ? i2d_TS_RESP(made, &der) : -1;
    must(len > 0 && ml_buf_append(response, der, (size_t)len) >= 0);
    OPENSSL_free(der);
    TS_RESP_free(made);
    TS_RESP_CTX_free(context);
    BIO_free(bio);
}
