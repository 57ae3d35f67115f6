/*
 * Secrets that settings name: files of 32 bytes or more.
 */
#ifndef CASEWORK_SECRET_H
#define CASEWORK_SECRET_H

#include <openssl/evp.h>
#include <stddef.h>

#define SECRET_MIN 32
#define SECRET_MAX 4096
#define SECRET_KEY 32 /* bytes of a key made of one */

/* 0, or -1 with a line in err that names the file; secret has SECRET_MAX. */
int secret_read(const char *file, unsigned char *secret, size_t *len, char *err,
    size_t errlen);

/* A key for each purpose: key has SECRET_KEY. */
void secret_derive(const unsigned char *secret, size_t len, const char *purpose,
    unsigned char *key);
/*
 * HMAC-SHA256 with the key of that purpose; starting again, EVP_MAC_init()
 * without a key, costs no key set-up. NULL where OpenSSL has none.
 */
EVP_MAC_CTX *secret_mac(const unsigned char *secret, size_t len,
    const char *purpose);

#endif
