/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: Ed25519 key pairs (RFC 8032) of a purpose, kept in files outside the ledger.
 *
 * A key file has mode 0600 and is either plain, for machines, or sealed with a passphrase
 * (Argon2id, RFC 9106, and XChaCha20-Poly1305, both by libsodium). Its layout is in
 * docs/FORMAT.md. Secret halves and passphrases live in memory of their own between guard pages,
 * kept out of core dumps and, where the system's limits allow it, out of swap; it is wiped when
 * it is freed. Where locking is not allowed (containers often allow 64 KiB only) it is done
 * without, silently: refusing to work would help nobody.
 *
 * Threads: a key never changes once made, and may be used by many threads; a secret belongs to
 * one thread at a time.
 */
#ifndef MLEDGER_KEY_H
#define MLEDGER_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mledger/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a key may sign. A log key signs checkpoints and nothing else, a witness key cosigns others'
 * checkpoints and nothing else; the rest sign anything but checkpoints. */
enum mledger_key_purpose {
    MLEDGER_KEY_SIGNER = 1,   /* records and statements */
    MLEDGER_KEY_LOG = 2,      /* checkpoints */
    MLEDGER_KEY_RECOVERY = 3, /* as signer; named in the first record and kept offline */
    MLEDGER_KEY_WITNESS = 4,  /* cosignatures on checkpoints of other ledgers */
};

#define MLEDGER_KEY_PUBLIC_SIZE 32
#define MLEDGER_KEY_LABEL_MAX 128       /* bytes of a label, without its NUL */
#define MLEDGER_KEY_PASSPHRASE_MAX 1024 /* bytes */
#define MLEDGER_KEY_SUFFIX ".key"       /* of files that mledger_keys_list() looks at */

/* "signer", "log", "recovery", "witness". */
MLEDGER_API const char *mledger_key_purpose_name(enum mledger_key_purpose purpose);

/* A passphrase on its way, in secret memory. */
struct mledger_secret;

/* An empty one. MLEDGER_ESYSTEM: out of memory. */
MLEDGER_API int mledger_secret_new(struct mledger_secret **ret_secret) MLEDGER_MUST_USE;
/* Wipes it. Accepts NULL. */
MLEDGER_API void mledger_secret_free(struct mledger_secret *secret);
/* Copies the bytes in; the caller wipes its own. MLEDGER_EUSAGE: empty, or longer than
 * MLEDGER_KEY_PASSPHRASE_MAX; the secret is as before then. */
MLEDGER_API int mledger_secret_set(struct mledger_secret *secret, const void *bytes,
                                   size_t len) MLEDGER_MUST_USE;
/* Reads one line from `fd`, without its newline and no further. MLEDGER_EUSAGE as above (the
 * secret is empty then); MLEDGER_ESYSTEM: reading failed. */
MLEDGER_API int mledger_secret_read(struct mledger_secret *secret, int fd) MLEDGER_MUST_USE;
/* Whether both hold the same bytes, in a time that does not depend on them: for asking twice. */
MLEDGER_API bool mledger_secret_equal(const struct mledger_secret *a,
                                      const struct mledger_secret *b);

/* Asks for the passphrase of the key `label` and puts it into `secret`. Negative when there is
 * none to have. */
typedef int (*mledger_passphrase_fn)(void *ctx, const char *label, struct mledger_secret *secret);

/* A key pair. Owned by whoever got it, freed with mledger_key_free(). */
struct mledger_key;

/* Makes a new one from the system's random numbers. `label` is text for people.
 * MLEDGER_EUSAGE: the label is empty, too long, no UTF-8 or has control characters.
 * MLEDGER_ESYSTEM: out of memory. */
MLEDGER_API int mledger_key_generate(enum mledger_key_purpose purpose, const char *label,
                                     struct mledger_key **ret_key) MLEDGER_MUST_USE;
/* Wipes it. Accepts NULL. */
MLEDGER_API void mledger_key_free(struct mledger_key *key);

/* The public half, MLEDGER_KEY_PUBLIC_SIZE bytes; the key's. */
MLEDGER_API const uint8_t *mledger_key_public(const struct mledger_key *key);
MLEDGER_API enum mledger_key_purpose mledger_key_purpose_of(const struct mledger_key *key);
/* The key's. */
MLEDGER_API const char *mledger_key_label(const struct mledger_key *key);

/* How to save. All zero is a plain file that must not exist yet. */
struct mledger_key_saving {
    const struct mledger_secret *passphrase; /* NULL: plain */
    /* Argon2id; 0 is libsodium's MODERATE: 3 passes over 256 MiB. */
    uint32_t passes;     /* 1 to 16 */
    uint32_t memory_kib; /* 8 to 1048576 */
    bool replace;        /* an existing file, in one step */
};

/* Writes the key to `path`: completely and durably, or not at all.
 * MLEDGER_EUSAGE: passes or memory out of bounds, or an empty passphrase.
 * MLEDGER_ESYSTEM: the file exists already, could not be written (its directory must exist), or
 * there is not enough memory to derive the sealing key. */
MLEDGER_API int mledger_key_save(const struct mledger_key *key, const char *path,
                                 const struct mledger_key_saving *saving) MLEDGER_MUST_USE;

/* Reads a key file. `ask` (or NULL) is called if it is sealed. Symbolic links are followed, and
 * what they lead to must be a regular file that belongs to this user or root and that nobody else
 * can read or write.
 * MLEDGER_ENOTFOUND: there is no such file. MLEDGER_EINVALID: it is no key file, or a damaged one;
 * the text names file and line. MLEDGER_ESYSTEM: it cannot be read, is open to others, is sealed
 * and `ask` gave no passphrase (its own error stands then) or a wrong one, or memory is out. A
 * sealed file that is damaged in its sealed part looks like a wrong passphrase. */
MLEDGER_API int mledger_key_load(const char *path, mledger_passphrase_fn ask, void *ctx,
                                 struct mledger_key **ret_key) MLEDGER_MUST_USE;
/* The same from a descriptor (a pipe, a file that a supervisor opened), to its end; who else can
 * read that is the caller's care. `name` is for error texts. */
MLEDGER_API int mledger_key_load_fd(int fd, const char *name, mledger_passphrase_fn ask, void *ctx,
                                    struct mledger_key **ret_key) MLEDGER_MUST_USE;

/* What a key file says of itself, without opening it. That it is true is known only once the key
 * has been loaded. */
struct mledger_key_info {
    enum mledger_key_purpose purpose;
    bool sealed;
    uint8_t public_key[MLEDGER_KEY_PUBLIC_SIZE];
    char label[MLEDGER_KEY_LABEL_MAX + 1];
};
/* Errors as mledger_key_load(), without those of opening. */
MLEDGER_API int mledger_key_peek(const char *path,
                                 struct mledger_key_info *ret_info) MLEDGER_MUST_USE;

/* One file of a directory; lives as long as the call. */
struct mledger_key_entry {
    const char *path;
    const char *file;             /* last part of path */
    int result;                   /* of mledger_key_peek() */
    const char *error;            /* its sentence if result is negative, "" else */
    struct mledger_key_info info; /* if result is MLEDGER_OK */
};
typedef int (*mledger_key_each)(void *ctx, const struct mledger_key_entry *entry);
/* Shows `each` every "*.key" in the directory, in the order of their names; one that cannot be
 * read is shown with its error. A directory that does not exist holds none. What `each` returns
 * other than 0 ends the listing and is returned.
 * MLEDGER_ESYSTEM: the directory cannot be read, holds more than 10000 key files, or memory is
 * out. */
MLEDGER_API int mledger_keys_list(const char *directory, mledger_key_each each,
                                  void *ctx) MLEDGER_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
