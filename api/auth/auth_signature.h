/*
 * Signatures, by libjwt.
 */
#ifndef CASEWORK_AUTH_SIGNATURE_H
#define CASEWORK_AUTH_SIGNATURE_H

#include "auth_key.h"

/* Gives the key its material, checked before, for its algorithm only. */
void auth_key_fix(struct auth_key *, const void *material, size_t len);
/*
 * Whether a token of three base64url parts is signed with the key: head_len
 * characters are the first two parts and the dot between.
 */
bool auth_verify_signature(const struct auth_key *, const char *token,
    size_t len, size_t head_len);

#endif
