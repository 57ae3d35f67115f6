/*
 * What a token allows.
 */
#ifndef CASEWORK_AUTH_SCOPES_H
#define CASEWORK_AUTH_SCOPES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth_issuers.h"

/*
 * Adds the scopes of the claims, which stand where the issuer writes them: a
 * text of scopes (RFC 8693 §4.2), or an array. False: they are no scopes.
 */
bool auth_scopes_read(const struct auth_issuer *, const json_t *claims,
    uint64_t *scopes);

#endif
