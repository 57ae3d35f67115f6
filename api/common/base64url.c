/*
 * base64url without padding (RFC 4648 §5), canonical form only.
 */
#include <stdint.h>

#include "base64url.h"

static const char alphabet[] = BASE64URL_ALPHABET;

static int value_of(char);

void
base64url_encode(const void *bytes, size_t len, char *text)
{
	const unsigned char *byte = bytes;
	uint32_t	     bits = 0;
	unsigned	     count = 0;
	size_t		     i;

	for (i = 0; i < len; i++) {
		bits = bits << 8 | byte[i];
		for (count += 8; count >= 6; count -= 6)
			*text++ = alphabet[bits >> (count - 6) & 63];
	}
	if (count != 0)
		*text++ = alphabet[bits << (6 - count) & 63];
	*text = '\0';
}

ssize_t
base64url_decode(const char *text, size_t len, void *bytes)
{
	unsigned char *byte = bytes;
	uint32_t       bits = 0;
	unsigned       count = 0;
	size_t	       i;
	int	       value;

	if (len % 4 == 1)
		return -1;
	for (i = 0; i < len; i++) {
		if ((value = value_of(text[i])) == -1)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			*byte++ = (unsigned char)(bits >> count);
		}
	}
	if ((bits & ((1U << count) - 1)) != 0)
		return -1;
	return byte - (unsigned char *)bytes;
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}
