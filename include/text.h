/*
 * Appending to a buffer that is known to be large enough: what every answer
 * and log line is put together with. Each returns the new end, where it has
 * put a NUL.
 */
#ifndef CASEWORK_TEXT_H
#define CASEWORK_TEXT_H

#include <stdint.h>
#include <string.h>

/* Appends all texts up to the first NULL. */
#define TEXT_ADD(p, ...) \
	text_add((p), (const char *const[]){ __VA_ARGS__, NULL })

static inline char *
text_add(char *p, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		p = stpcpy(p, *texts);
	return p;
}

static inline char *
text_add_number(char *p, int64_t n)
{
	char	 digits[20];
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	size_t	 i = sizeof(digits);

	if (n < 0)
		*p++ = '-';
	do
		digits[--i] = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	memcpy(p, digits + i, sizeof(digits) - i);
	p += sizeof(digits) - i;
	*p = '\0';
	return p;
}

/* 16 hexadecimal digits. */
static inline char *
text_add_hex(char *p, uint64_t n)
{
	int i;

	for (i = 60; i >= 0; i -= 4)
		*p++ = "0123456789abcdef"[n >> i & 15];
	*p = '\0';
	return p;
}

#endif
