/*
 * Secrets that settings name.
 */
#include <errno.h>
#include <stdio.h>
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
