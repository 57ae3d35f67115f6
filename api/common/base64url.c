/*
 * base64url without padding (RFC 4648 §5), canonical form only.
 */
#include <stdint.h>

#include "base64url.h"

static const char alphabet[] = BASE64URL_ALPHABET;

/* One more than the value of each character; 0 is none. */
static const unsigned char values[128] = {
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	63,
	0,
	0,
	53,
	54,
	55,
	56,
	57,
	58,
	59,
	60,
	61,
	62,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	17,
	18,
	19,
	20,
	21,
	22,
	23,
	24,
	25,
	26,
	0,
	0,
	0,
	0,
	64,
	0,
	27,
	28,
	29,
	30,
	31,
	32,
	33,
	34,
	35,
	36,
	37,
	38,
	39,
	40,
	41,
	42,
	43,
	44,
	45,
	46,
	47,
	48,
	49,
	50,
	51,
	52,
	0,
	0,
	0,
	0,
	0,
};

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
	return (unsigned char)c < 128 ? values[(unsigned char)c] - 1 : -1;
}
