/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/timestamp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "ledger/core/hash.h"
#include "ledger/core/time.h"

enum { CERTIFICATES_MAX = 1000, SECONDS_MAX = 1000000000, REASON_SIZE = 200 };

struct ml_timestamp_roots {
    STACK_OF(X509) * certificates;
};

/* OpenSSL's objects for ML_CLEANUP; each of their free functions accepts NULL. */
#define CLEANUP_OF(type, function)                                                                 \
    static void type##_drop(type **object) /* NOLINT(bugprone-macro-parentheses): a type */        \
    {                                                                                              \
        function(*object);                                                                         \
    }
CLEANUP_OF(TS_REQ, TS_REQ_free)
CLEANUP_OF(TS_RESP, TS_RESP_free)
CLEANUP_OF(TS_TST_INFO, TS_TST_INFO_free)
CLEANUP_OF(TS_VERIFY_CTX, TS_VERIFY_CTX_free)
CLEANUP_OF(TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
CLEANUP_OF(X509_ALGOR, X509_ALGOR_free)
CLEANUP_OF(X509_STORE, X509_STORE_free)
CLEANUP_OF(ASN1_INTEGER, ASN1_INTEGER_free)
CLEANUP_OF(BIGNUM, BN_free)
CLEANUP_OF(PKCS7, PKCS7_free)
CLEANUP_OF(BIO, BIO_free_all)

static int openssl_failed(void)
{
    ERR_clear_error();
    return ml_fail(MLEDGER_ESYSTEM, "OpenSSL cannot be used for timestamps");
}

static int no_token(const char *what)
{
    ERR_clear_error();
    return ml_fail(MLEDGER_EINVALID, "not a timestamp: %s", what);
}

/* The first thing that OpenSSL complains of, in its own words. */
static void openssl_reason(char text[REASON_SIZE])
{
    const char *data = NULL;
    int flags = 0;
    unsigned long code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
    const char *reason = ERR_reason_error_string(code);
    bool has_data = data && *data && (flags & ERR_TXT_STRING);
    snprintf(text, REASON_SIZE, "%s%s%s", reason ? reason : "unknown reason", has_data ? ": " : "",
             has_data ? data : "");
    ERR_clear_error();
}

/* --- requests ------------------------------------------------------------------------------- */

static int set_imprint(TS_REQ *request, struct ml_span text)
{
    uint8_t hash[ML_HASH_SIZE];
    ML_CLEANUP(TS_MSG_IMPRINT_drop) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    ML_CLEANUP(X509_ALGOR_drop) X509_ALGOR *algorithm = X509_ALGOR_new();
    ML_TRY(ml_sha256(hash, &text, 1));
    if (!imprint || !algorithm ||
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) != 1 ||
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) != 1 ||
        TS_MSG_IMPRINT_set_msg(imprint, hash, sizeof hash) != 1 ||
        TS_REQ_set_msg_imprint(request, imprint) != 1)
        return openssl_failed();
    return MLEDGER_OK;
}

static int nonce_number(const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE], ASN1_INTEGER **ret_number)
{
    ML_CLEANUP(BIGNUM_drop) BIGNUM *number = BN_bin2bn(nonce, ML_TIMESTAMP_NONCE_SIZE, NULL);
    ASN1_INTEGER *integer = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    if (!integer)
        return openssl_failed();
    *ret_number = integer;
    return MLEDGER_OK;
}

int ml_timestamp_request(struct ml_span text, const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE],
                         struct ml_buf *buf)
{
    ML_CLEANUP(TS_REQ_drop) TS_REQ *request = TS_REQ_new();
    ML_CLEANUP(ASN1_INTEGER_drop) ASN1_INTEGER *number = NULL;
    ML_TRY(nonce_number(nonce, &number));
    if (!request || TS_REQ_set_version(request, 1) != 1 || TS_REQ_set_nonce(request, number) != 1 ||
        TS_REQ_set_cert_req(request, 1) != 1)
        return openssl_failed();
    ML_TRY(set_imprint(request, text));
    unsigned char *der = NULL;
    int len = i2d_TS_REQ(request, &der);
    if (len <= 0)
        return openssl_failed();
    int result = ml_buf_append(buf, der, (size_t)len);
    OPENSSL_free(der);
    return result;
}

/* --- what a token says ----------------------------------------------------------------------- */

/* GeneralizedTime as RFC 3161 section 2.4.2 has it: YYYYMMDDhhmmss[.s...]Z. */
static bool read_time(const ASN1_GENERALIZEDTIME *time, int64_t *ret_time_us)
{
    enum { DIGITS = 14, FRACTION_MAX = 6 };
    char text[sizeof "YYYY-MM-DDThh:mm:ss.ffffffZ"];
    const char *at = (const char *)ASN1_STRING_get0_data(time);
    size_t len = (size_t)ASN1_STRING_length(time), fraction = 0;
    if (len < DIGITS + 1 || strspn(at, "0123456789") < DIGITS || at[len - 1] != 'Z')
        return false;
    if (len > DIGITS + 1) {
        fraction = len - DIGITS - 2;
        if (at[DIGITS] != '.' || fraction == 0 || strspn(at + DIGITS + 1, "0123456789") != fraction)
            return false;
    }
    if (fraction > FRACTION_MAX)
        fraction = FRACTION_MAX;
    int written =
        snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%s%.*sZ", at, at + 4, at + 6,
                 at + 8, at + 10, at + 12, fraction ? "." : "", (int)fraction, at + DIGITS + 1);
    return ml_time_parse(text, (size_t)written, ret_time_us) >= 0;
}

static bool read_number(const ASN1_INTEGER *integer, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;
    if (integer && (ASN1_INTEGER_get_int64(&number, integer) != 1 || number < 0 || number > max))
        return false;
    *ret_number = number;
    return true;
}

static bool read_accuracy(TS_TST_INFO *info, int64_t *ret_accuracy_us)
{
    int64_t seconds, millis, micros;
    TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);
    if (!accuracy) {
        *ret_accuracy_us = -1;
        return true;
    }
    if (!read_number(TS_ACCURACY_get_seconds(accuracy), SECONDS_MAX, &seconds) ||
        !read_number(TS_ACCURACY_get_millis(accuracy), 999, &millis) ||
        !read_number(TS_ACCURACY_get_micros(accuracy), 999, &micros))
        return false;
    *ret_accuracy_us = seconds * 1000000 + millis * 1000 + micros;
    return true;
}

static bool imprint_is_of(TS_TST_INFO *info, struct ml_span text)
{
    uint8_t hash[ML_HASH_SIZE];
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT *algorithm;
    X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING *message = TS_MSG_IMPRINT_get_msg(imprint);
    return OBJ_obj2nid(algorithm) == NID_sha256 && ml_sha256(hash, &text, 1) >= 0 &&
           ASN1_STRING_length(message) == ML_HASH_SIZE &&
           memcmp(ASN1_STRING_get0_data(message), hash, ML_HASH_SIZE) == 0;
}

/* The name is for people; control characters are escaped, so that it is one line. */
static int read_authority(PKCS7 *token, char ret_name[ML_TIMESTAMP_NAME_SIZE])
{
    ML_CLEANUP(BIO_drop) BIO *bio = BIO_new(BIO_s_mem());
    STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
    char *text;
    ret_name[0] = '\0';
    if (!bio)
        return openssl_failed();
    if (signers && sk_X509_num(signers) > 0 &&
        X509_NAME_print_ex(bio, X509_get_subject_name(sk_X509_value(signers, 0)), 0,
                           XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        long len = BIO_get_mem_data(bio, &text);
        snprintf(ret_name, ML_TIMESTAMP_NAME_SIZE, "%.*s", (int)len, text);
    }
    sk_X509_free(signers);
    ERR_clear_error();
    return MLEDGER_OK;
}

/* Exactly one ContentInfo, of the type that timestamps have. */
static int parse_token(struct ml_span bytes, PKCS7 **ret_token, TS_TST_INFO **ret_info)
{
    const unsigned char *at = bytes.data;
    if (bytes.len == 0 || bytes.len > ML_TIMESTAMP_TOKEN_MAX)
        return no_token("it is empty or too long");
    ML_CLEANUP(PKCS7_drop) PKCS7 *token = d2i_PKCS7(NULL, &at, (long)bytes.len);
    if (!token || at != bytes.data + bytes.len)
        return no_token("it is no signed data in DER");
    /* OpenSSL follows these without looking whether they are there. */
    if (!PKCS7_type_is_signed(token) || !token->d.sign || !token->d.sign->contents)
        return no_token("it is not signed");
    TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
    if (!info)
        return no_token("what is signed is no time");
    *ret_token = ML_TAKE(token);
    *ret_info = info;
    return MLEDGER_OK;
}

static int read_info(PKCS7 *token, TS_TST_INFO *info, struct ml_timestamp *timestamp)
{
    if (!read_time(TS_TST_INFO_get_time(info), &timestamp->time_us))
        return no_token("its time is none that RFC 3161 allows");
    if (!read_accuracy(info, &timestamp->accuracy_us))
        return no_token("its accuracy is none that RFC 3161 allows");
    return read_authority(token, timestamp->authority);
}

/* That it is signed by a certificate in it, whoever that is. */
static int check_signed(PKCS7 *token)
{
    char reason[REASON_SIZE];
    ML_CLEANUP(BIO_drop) BIO *out = BIO_new(BIO_s_null());
    if (!out)
        return openssl_failed();
    if (PKCS7_verify(token, NULL, NULL, NULL, out, PKCS7_NOVERIFY) == 1)
        return MLEDGER_OK;
    openssl_reason(reason);
    return ml_fail(MLEDGER_EINVALID, "the timestamp is not signed by a certificate in it: %s",
                   reason);
}

/* Reads and checks all that needs no roots; gives token and info too. */
static int read_token(struct ml_span bytes, struct ml_span text, PKCS7 **ret_token,
                      TS_TST_INFO **ret_info, struct ml_timestamp *ret_timestamp)
{
    struct ml_timestamp timestamp;
    ML_CLEANUP(PKCS7_drop) PKCS7 *token = NULL;
    ML_CLEANUP(TS_TST_INFO_drop) TS_TST_INFO *info = NULL;
    ML_TRY(parse_token(bytes, &token, &info));
    ML_TRY(read_info(token, info, &timestamp));
    if (!imprint_is_of(info, text))
        return ml_fail(MLEDGER_EINVALID, "the timestamp is over another text, or not by SHA-256");
    ML_TRY(check_signed(token));
    *ret_token = ML_TAKE(token);
    *ret_info = ML_TAKE(info);
    *ret_timestamp = timestamp;
    return MLEDGER_OK;
}

int ml_timestamp_read(struct ml_span token, struct ml_span text, struct ml_timestamp *ret_timestamp)
{
    ML_CLEANUP(PKCS7_drop) PKCS7 *read = NULL;
    ML_CLEANUP(TS_TST_INFO_drop) TS_TST_INFO *info = NULL;
    return read_token(token, text, &read, &info, ret_timestamp);
}

/* --- responses ------------------------------------------------------------------------------- */

/* In the authority's own words, if it has any. */
static int explain_refusal(TS_STATUS_INFO *info, long status)
{
    const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(info);
    const ASN1_UTF8STRING *text =
        texts && sk_ASN1_UTF8STRING_num(texts) > 0 ? sk_ASN1_UTF8STRING_value(texts, 0) : NULL;
    int len = text ? ASN1_STRING_length(text) : 0;
    return ml_fail(MLEDGER_EINVALID, "the timestamping authority refuses (status %ld)%s%.*s",
                   status, len > 0 ? ": " : "", len < REASON_SIZE ? len : REASON_SIZE,
                   text ? (const char *)ASN1_STRING_get0_data(text) : "");
}

static int check_status(TS_RESP *response)
{
    enum { GRANTED = 0, GRANTED_WITH_MODS = 1 };
    TS_STATUS_INFO *info = TS_RESP_get_status_info(response);
    long status = info ? ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info)) : -1;
    if (status == GRANTED || status == GRANTED_WITH_MODS)
        return MLEDGER_OK;
    return explain_refusal(info, status);
}

static int check_nonce(TS_TST_INFO *info, const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE])
{
    ML_CLEANUP(ASN1_INTEGER_drop) ASN1_INTEGER *number = NULL;
    ML_TRY(nonce_number(nonce, &number));
    const ASN1_INTEGER *answered = TS_TST_INFO_get_nonce(info);
    if (!answered || ASN1_INTEGER_cmp(answered, number) != 0)
        return ml_fail(MLEDGER_EINVALID, "the timestamp answers another request");
    return MLEDGER_OK;
}

static int append_token(TS_RESP *response, struct ml_buf *buf)
{
    unsigned char *der = NULL;
    PKCS7 *token = TS_RESP_get_token(response);
    if (!token)
        return no_token("the response has none");
    int len = i2d_PKCS7(token, &der);
    if (len <= 0)
        return openssl_failed();
    int result = ml_buf_append(buf, der, (size_t)len);
    OPENSSL_free(der);
    return result;
}

int ml_timestamp_response(struct ml_span response, struct ml_span text,
                          const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE], struct ml_buf *buf)
{
    const unsigned char *at = response.data;
    struct ml_timestamp timestamp;
    ML_CLEANUP(PKCS7_drop) PKCS7 *token = NULL;
    ML_CLEANUP(TS_TST_INFO_drop) TS_TST_INFO *info = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    if (response.len == 0 || response.len > ML_TIMESTAMP_RESPONSE_MAX)
        return no_token("the response is empty or too long");
    ML_CLEANUP(TS_RESP_drop) TS_RESP *read = d2i_TS_RESP(NULL, &at, (long)response.len);
    if (!read || at != response.data + response.len)
        return no_token("the response is none of RFC 3161");
    ML_TRY(check_status(read));
    ML_TRY(append_token(read, &bytes));
    ML_TRY(read_token(ml_buf_span(&bytes), text, &token, &info, &timestamp));
    ML_TRY(check_nonce(info, nonce));
    return ml_buf_append(buf, bytes.data, bytes.len);
}

/* --- trust ----------------------------------------------------------------------------------- */

static int bad_pem(const char *name, const char *what)
{
    ERR_clear_error();
    return ml_fail(MLEDGER_EINVALID, "%s: %s", name, what);
}

/* All certificates; other PEM blocks are an error, so that nobody takes a key for a root. */
static int read_certificates(BIO *bio, const char *name, STACK_OF(X509) * certificates)
{
    for (;;) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (!certificate)
            break;
        if (sk_X509_num(certificates) == CERTIFICATES_MAX ||
            sk_X509_push(certificates, certificate) == 0) {
            X509_free(certificate);
            return bad_pem(name, "there are more than 1000 certificates in it");
        }
    }
    unsigned long code = ERR_peek_last_error();
    bool at_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (!at_end)
        return bad_pem(name, "a certificate in it cannot be read");
    if (sk_X509_num(certificates) == 0)
        return bad_pem(name, "there is no certificate in it");
    ERR_clear_error();
    return MLEDGER_OK;
}

int ml_timestamp_roots_parse(struct ml_span pem, const char *name,
                             struct ml_timestamp_roots **ret_roots)
{
    enum { PEM_MAX = 16 << 20 };
    if (pem.len > PEM_MAX)
        return bad_pem(name, "it is too long for a list of certificates");
    ML_CLEANUP(BIO_drop)
    BIO *bio = BIO_new_mem_buf(pem.len ? pem.data : (const void *)"", (int)pem.len);
    ML_CLEANUP(ml_timestamp_roots_freep)
    struct ml_timestamp_roots *roots = ml_calloc(1, sizeof *roots);
    if (!bio || !roots)
        return ml_fail_memory();
    roots->certificates = sk_X509_new_null();
    if (!roots->certificates)
        return ml_fail_memory();
    ML_TRY(read_certificates(bio, name, roots->certificates));
    *ret_roots = ML_TAKE(roots);
    return MLEDGER_OK;
}

void ml_timestamp_roots_free(struct ml_timestamp_roots *roots)
{
    if (!roots)
        return;
    sk_X509_pop_free(roots->certificates, X509_free);
    free(roots);
}

/* A store of the roots that judges certificates at `time_us`. */
static int make_store(const struct ml_timestamp_roots *roots, int64_t time_us,
                      X509_STORE **ret_store)
{
    ML_CLEANUP(X509_STORE_drop) X509_STORE *store = X509_STORE_new();
    if (!store)
        return openssl_failed();
    for (int i = 0; i < sk_X509_num(roots->certificates); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(roots->certificates, i)) != 1)
            return openssl_failed();
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_time(param, (time_t)(time_us / 1000000));
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    *ret_store = ML_TAKE(store);
    return MLEDGER_OK;
}

static int check_chain(PKCS7 *token, X509_STORE **store)
{
    char reason[REASON_SIZE];
    ML_CLEANUP(TS_VERIFY_CTX_drop) TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    if (!context)
        return openssl_failed();
    TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(context, ML_TAKE(*store)); /* the context's from here on */
    if (TS_RESP_verify_token(context, token) == 1)
        return MLEDGER_OK;
    openssl_reason(reason);
    return ml_fail(MLEDGER_EINVALID, "the timestamp leads to none of the roots given: %s", reason);
}

int ml_timestamp_verify(struct ml_span token, struct ml_span text,
                        const struct ml_timestamp_roots *roots, struct ml_timestamp *ret_timestamp)
{
    ML_CLEANUP(PKCS7_drop) PKCS7 *read = NULL;
    ML_CLEANUP(TS_TST_INFO_drop) TS_TST_INFO *info = NULL;
    ML_CLEANUP(X509_STORE_drop) X509_STORE *store = NULL;
    struct ml_timestamp timestamp;
    ML_TRY(read_token(token, text, &read, &info, &timestamp));
    ML_TRY(make_store(roots, timestamp.time_us, &store));
    ML_TRY(check_chain(read, &store));
    *ret_timestamp = timestamp;
    return MLEDGER_OK;
}
