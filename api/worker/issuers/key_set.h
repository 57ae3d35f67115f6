/*
 * What an issuer publishes, read: key sets (RFC 7517) and metadata (OpenID
 * Connect Discovery 1.0, RFC 8414).
 */
#ifndef CASEWORK_KEY_SET_H
#define CASEWORK_KEY_SET_H

#include <jansson.h>
#include <stddef.h>

#include "issuer_fault.h"

#define KEY_SET_KEYS_MAX 64
#define KEY_SET_URL_MAX	 2000 /* bytes */

/*
 * The keys of a set that may have signed a token, public members alone: those
 * of pairs, with a kid, not for encryption. A new reference to an array of 1 to
 * KEY_SET_KEYS_MAX, or NULL with a fault. A set is refused whole that holds a
 * private key or two of one kid.
 */
json_t *key_set_read(const char *, size_t len, const struct issuer_fault **);
/*
 * Where an issuer's metadata say that its keys are, to url (KEY_SET_URL_MAX + 1
 * bytes). NULL, or a fault; so it is when they are those of another issuer (RFC
 * 8414 3.3).
 */
const struct issuer_fault *key_set_find(const char *, size_t len,
    const char *issuer, char *url);

#endif
