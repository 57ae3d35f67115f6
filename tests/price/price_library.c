/*
 * Where steps are counted. What libraries do for us is counted too: the linker
 * (--wrap) leads our calls here.
 * A library works sixteen bytes at a time where it only moves or compares them.
 */
#include <ctype.h>
#include <jansson.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "price.h"

#define ALLOCATION 16 /* steps */
#define A_CALL	   2
#define A_TABLE	   16 /* strspn() and its like make one */
#define A_FORMAT   60 /* is read and followed */
#define A_LOOKUP   40 /* in a hash table */

#define MOVES(bytes) price_count(A_CALL + (bytes) / 16)

#define WRAP(type, name, ...)            \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

/* The compiler has each basic block of our code call this. */
void __wrap___sanitizer_cov_trace_pc(void);

void
__wrap___sanitizer_cov_trace_pc(void)
{
	price.steps++;
}

WRAP(void *, malloc, size_t size)
{
	price.bytes += size;
	price_count(ALLOCATION);
	return __real_malloc(size);
}

/* What jansson takes. */
void *
price_malloc(size_t size)
{
	return __wrap_malloc(size);
}

WRAP(void *, calloc, size_t n, size_t size)
{
	price.bytes += n * size;
	price_count(ALLOCATION);
	return __real_calloc(n, size);
}

WRAP(void *, realloc, void *old, size_t size)
{
	price.bytes += size;
	price_count(ALLOCATION + size / 16);
	return __real_realloc(old, size);
}

WRAP(void *, memcpy, void *to, const void *from, size_t len)
{
	MOVES(len);
	return __real_memcpy(to, from, len);
}

WRAP(void *, memmove, void *to, const void *from, size_t len)
{
	MOVES(len);
	return __real_memmove(to, from, len);
}

WRAP(void *, memset, void *to, int c, size_t len)
{
	MOVES(len);
	return __real_memset(to, c, len);
}

WRAP(void *, memchr, const void *in, int c, size_t len)
{
	const char *at = __real_memchr(in, c, len);

	MOVES(at == NULL ? len : (size_t)(at - (const char *)in));
	return (void *)(uintptr_t)at;
}

WRAP(void *, memmem, const void *in, size_t len, const void *what, size_t n)
{
	const char *at = __real_memmem(in, len, what, n);

	price_count(A_TABLE +
	    (at == NULL ? len : (size_t)(at - (const char *)in)));
	return (void *)(uintptr_t)at;
}

WRAP(size_t, strlen, const char *text)
{
	size_t len = __real_strlen(text);

	MOVES(len);
	return len;
}

WRAP(char *, strchr, const char *text, int c)
{
	char *at = __real_strchr(text, c);

	MOVES(at == NULL ? __real_strlen(text) : (size_t)(at - text));
	return at;
}

WRAP(char *, strstr, const char *text, const char *what)
{
	char *at = __real_strstr(text, what);

	price_count(A_TABLE +
	    (at == NULL ? __real_strlen(text) : (size_t)(at - text)));
	return at;
}

WRAP(char *, strcasestr, const char *text, const char *what)
{
	char *at = __real_strcasestr(text, what);

	price_count(A_TABLE +
	    (at == NULL ? __real_strlen(text) : (size_t)(at - text)));
	return at;
}

WRAP(size_t, strspn, const char *text, const char *what)
{
	size_t len = __real_strspn(text, what);

	price_count(A_TABLE + len);
	return len;
}

WRAP(size_t, strcspn, const char *text, const char *what)
{
	size_t len = __real_strcspn(text, what);

	price_count(A_TABLE + len);
	return len;
}

/* Up to the first difference, which is mostly early. */
WRAP(int, strcmp, const char *a, const char *b)
{
	size_t i;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		;
	MOVES(i);
	return __real_strcmp(a, b);
}

WRAP(int, strcasecmp, const char *a, const char *b)
{
	size_t i;

	for (i = 0; a[i] != '\0' &&
	     tolower((unsigned char)a[i]) == tolower((unsigned char)b[i]);
	     i++)
		;
	price_count(A_CALL + i);
	return __real_strcasecmp(a, b);
}

WRAP(int, strncasecmp, const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len && a[i] != '\0' &&
	     tolower((unsigned char)a[i]) == tolower((unsigned char)b[i]);
	     i++)
		;
	price_count(A_CALL + i);
	return __real_strncasecmp(a, b, len);
}

WRAP(int, strncmp, const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len && a[i] != '\0' && a[i] == b[i]; i++)
		;
	MOVES(i);
	return __real_strncmp(a, b, len);
}

WRAP(char *, stpcpy, char *to, const char *from)
{
	MOVES(__real_strlen(from));
	return __real_stpcpy(to, from);
}

WRAP(int, vsnprintf, char *to, size_t size, const char *format, va_list args)
{
	int len = __real_vsnprintf(to, size, format, args);

	price_count(A_FORMAT + (uint64_t)(len < 0 ? 0 : len) / 2);
	return len;
}

WRAP(int, snprintf, char *to, size_t size, const char *format, ...)
{
	va_list args;
	int	len;

	va_start(args, format);
	len = __wrap_vsnprintf(to, size, format, args);
	va_end(args);
	return len;
}

WRAP(int, sprintf, char *to, const char *format, ...)
{
	va_list args;
	int	len;

	va_start(args, format);
	len = __wrap_vsnprintf(to, SIZE_MAX / 2, format, args);
	va_end(args);
	return len;
}

WRAP(int, clock_gettime, clockid_t clock, struct timespec *at)
{
	price_count(A_TABLE);
	return __real_clock_gettime(clock, at);
}

WRAP(int, regexec, const regex_t *pattern, const char *text, size_t n,
    regmatch_t *match, int flags)
{
	price_count(10 * A_TABLE + 4 * __real_strlen(text));
	return __real_regexec(pattern, text, n, match, flags);
}

WRAP(json_t *, json_loadb, const char *text, size_t len, size_t flags,
    json_error_t *error)
{
	price_count(30 * len); /* it copies byte by byte */
	return __real_json_loadb(text, len, flags, error);
}

WRAP(int, json_object_setn_new_nocheck, json_t *object, const char *name,
    size_t len, json_t *value)
{
	price_count(A_LOOKUP + len);
	return __real_json_object_setn_new_nocheck(object, name, len, value);
}

WRAP(json_t *, json_object_get, const json_t *object, const char *name)
{
	price_count(A_LOOKUP);
	return __real_json_object_get(object, name);
}

WRAP(char *, json_dumps, const json_t *value, size_t flags)
{
	char *text = __real_json_dumps(value, flags);

	if (text != NULL)
		price_count((flags & JSON_SORT_KEYS ? 4 : 2) *
		    __real_strlen(text));
	return text;
}
