/*
 * Signatures, by libcrypto.
 */
#ifndef CASEWORK_AUTH_SIGNATURE_H
#define CASEWORK_AUTH_SIGNATURE_H

#include "auth_key.h"

/*
 * Whether that, of signature_len bytes, is the key's signature of the text, by
 * an algorithm that it is for.
 */
bool auth_signature_good(const struct auth_key *, enum auth_algorithm,
    const char *text, size_t len, const unsigned char *signature);

#endif
