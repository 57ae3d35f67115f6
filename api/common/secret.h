/*
 * Secrets that settings name: files of 32 bytes or more.
 */
#ifndef CASEWORK_SECRET_H
#define CASEWORK_SECRET_H

#include <stddef.h>

#define SECRET_MIN 32
#define SECRET_MAX 4096

/* 0, or -1 with a line in err that names the file; secret has SECRET_MAX. */
int secret_read(const char *file, unsigned char *secret, size_t *len, char *err,
    size_t errlen);

#endif
