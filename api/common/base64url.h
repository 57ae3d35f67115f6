/*
 * base64url without padding (RFC 4648 §5), as in JWTs and cursors. Only the
 * canonical form decodes, so two different texts never mean the same bytes.
 */
#ifndef CASEWORK_BASE64URL_H
#define CASEWORK_BASE64URL_H

#include <sys/types.h>

#include <stddef.h>

#define BASE64URL_ALPHABET           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz0123456789-_"

/* Characters for len bytes, without NUL; bytes that len characters hold. */
#define BASE64URL_LENGTH(len) (((len)*4 + 2) / 3)
#define BASE64URL_BYTES(len)  ((len) / 4 * 3 + 2)

/* Writes BASE64URL_LENGTH(len) characters and a NUL. */
void base64url_encode(const void *bytes, size_t len, char *text);
/*
 * Returns the number of bytes written, or -1: a character outside the
 * alphabet, an impossible length, or spare bits that are not zero. bytes has
 * room for BASE64URL_BYTES(len) and may be the text itself.
 */
ssize_t base64url_decode(const char *text, size_t len, void *bytes);

#endif
