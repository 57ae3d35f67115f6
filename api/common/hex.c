/*
 * Bytes as hexadecimal digits: see hex.h.
 */
#include "hex.h"

char *
hex_encode(char *out, const void *bytes, size_t len)
{
	static const char    digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	for (; len > 0; len--, byte++) {
		*out++ = digits[*byte >> 4];
		*out++ = digits[*byte & 15];
	}
	*out = '\0';
	return out;
}
