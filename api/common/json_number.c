/*
 * Whether a number of a JSON text is whole, by its digits: a double has lost
 * what would tell.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"

#define DIGITS_MAX 19 /* of 64 bits */

/* Without the point and zeros at its ends: digits × 10^exponent. */
struct decimal {
	char   digits[JSON_NUMBER_MAX + 2]; /* with its sign */
	size_t len;
	long   exponent;
};

static void read_decimal(const char *, struct decimal *);

bool
json_whole(const char *text, json_int_t *integer)
{
	struct decimal d;

	read_decimal(text, &d);
	if (d.len > DIGITS_MAX || d.exponent < 0 ||
	    d.exponent > (long)(DIGITS_MAX - d.len))
		return false;
	memset(d.digits + 1 + d.len, '0', (size_t)d.exponent);
	d.digits[1 + d.len + (size_t)d.exponent] = '\0';
	errno = 0;
	*integer = strtoll(d.digits, NULL, 10);
	return errno == 0;
}

static void
read_decimal(const char *text, struct decimal *d)
{
	bool point = false;
	long behind = 0; /* the point */

	*d = (struct decimal){ .digits = "+" };
	if (*text == '-')
		d->digits[0] = *text++;
	for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		behind += point;
		if (d->len != 0 || *text != '0')
			d->digits[1 + d->len++] = *text;
	}
	if (*text != '\0')
		d->exponent = strtol(text + 1, NULL, 10);
	/* Beyond any number of ours, and none is lost of what is added. */
	if (d->exponent > JSON_EXPONENT_MAX)
		d->exponent = JSON_EXPONENT_MAX;
	if (d->exponent < -JSON_EXPONENT_MAX)
		d->exponent = -JSON_EXPONENT_MAX;
	d->exponent -= behind;
	for (; d->len > 0 && d->digits[d->len] == '0'; d->len--)
		d->exponent++;
	if (d->len == 0) { /* zero, times whatever */
		d->digits[++d->len] = '0';
		d->exponent = 0;
	}
}
