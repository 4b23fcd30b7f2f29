/* SPDX-License-Identifier: Apache-2.0 */
/* A key that a person names: a file of theirs, or one that the ledger knows. */
#ifndef ML_CLI_KEY_CHOICE_H
#define ML_CLI_KEY_CHOICE_H

#include "cli/session.h"
#include "ledger/query/key_name.h"

/* Hexadecimal digits of a key that are shown. */
enum { ML_KEY_SHOWN_DIGITS = 16 };

/* The public key in the key file of that name or path. MLEDGER_ENOTFOUND: there is none. */
int ml_key_of_file(struct ml_session *session, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE]) ML_MUST_USE;
/* The public key that `name` names: a key file by name or path, else the one key of the ledger
 * whose hexadecimal form begins so. MLEDGER_ENOTFOUND: neither; MLEDGER_EUSAGE: several begin so.
 */
int ml_key_find(struct ml_session *session, const char *name,
                uint8_t ret_key[ML_KEY_SIZE]) ML_MUST_USE;
/* The same where a view is open already. */
int ml_key_find_in(struct ml_session *session, struct ml_view *view, const char *name,
                   uint8_t ret_key[ML_KEY_SIZE]) ML_MUST_USE;
/* The same as a question asks it; it borrows the session. */
struct ml_key_names ml_key_names_of(struct ml_session *session);
/* The same for a key that the ledger must know; *ret_standing is what it says of it. */
int ml_key_find_known(struct ml_session *session, const char *name, uint8_t ret_key[ML_KEY_SIZE],
                      struct ml_standing *ret_standing) ML_MUST_USE;

/* The first digits of the key, with NUL. */
void ml_key_short(char text[ML_KEY_SHOWN_DIGITS + 1], const uint8_t key[ML_KEY_SIZE]);

#endif
