/*
 * Secrets that settings name.
 */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "secret.h"

int
secret_read(const char *file, unsigned char *secret, size_t *len, char *err,
    size_t errlen)
{
	FILE *stream = fopen(file, "re");

	if (stream == NULL) {
		snprintf(err, errlen, "%s: %s", file, strerror(errno));
		return -1;
	}
	*len = fread(secret, 1, SECRET_MAX, stream);
	if (ferror(stream))
		snprintf(err, errlen, "%s: %s", file, strerror(errno));
	else if (*len < SECRET_MIN)
		snprintf(err, errlen, "%s: the secret has fewer than %d bytes",
		    file, SECRET_MIN);
	fclose(stream);
	return *len < SECRET_MIN ? -1 : 0;
}

void
secret_derive(const unsigned char *secret, size_t len, const char *purpose,
    unsigned char *key)
{
	if (HMAC(EVP_sha256(), secret, (int)len, (const unsigned char *)purpose,
		strlen(purpose), key, NULL) == NULL)
		abort();
}

EVP_MAC_CTX *
secret_mac(const unsigned char *secret, size_t len, const char *purpose)
{
	unsigned char key[SECRET_KEY];
	char	      digest[] = "SHA256";
	OSSL_PARAM    params[2];
	EVP_MAC	     *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *new = EVP_MAC_CTX_new(hmac);

	params[0] =
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	EVP_MAC_free(hmac);
	secret_derive(secret, len, purpose, key);
	if (new != NULL && EVP_MAC_init(new, key, sizeof(key), params) != 1) {
		EVP_MAC_CTX_free(new);
		new = NULL;
	}
	OPENSSL_cleanse(key, sizeof(key));
	return new;
}
