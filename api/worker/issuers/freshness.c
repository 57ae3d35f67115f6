/*
 * For one reader's cache: s-maxage is for others.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "freshness.h"
#include "http_field.h"

#define SECONDS_MAX 2147483647L

static bool	   is(const char *, size_t, const char *);
static long	   seconds(const char *, size_t);
static const char *next_directive(const char *, const char **, size_t *,
    const char **, size_t *);
static bool	   time_of(const char *, time_t *);

long
freshness_seconds(const struct freshness *f)
{
	const char *at = f->cache_control, *name, *value;
	size_t	    name_len, value_len;
	long	    life = -1, age;
	time_t	    date, expires;

	while (at != NULL && *at != '\0') {
		at = next_directive(at, &name, &name_len, &value, &value_len);
		if (at == NULL || is(name, name_len, "no-store") ||
		    is(name, name_len, "no-cache"))
			return 0;
		if (is(name, name_len, "max-age") && life == -1)
			life = seconds(value, value_len);
	}
	if (life == -1 && f->expires != NULL)
		life = time_of(f->expires, &expires) && f->date != NULL &&
			time_of(f->date, &date) && expires > date ?
		    (long)(expires - date) :
		    0;
	if (life <= 0 || f->age == NULL)
		return life;
	age = seconds(f->age, strlen(f->age));
	return age < life ? life - age : 0;
}

/* Takes one of a list, and what stands before it. NULL: it is malformed. */
static const char *
next_directive(const char *at, const char **name, size_t *name_len,
    const char **value, size_t *value_len)
{
	at += strspn(at, " \t,");
	*name = *value = at;
	*name_len = *value_len = 0;
	while (http_is_tchar(at[*name_len]))
		(*name_len)++;
	at += *name_len;
	if (*name_len > 0 && *at == '=') {
		*value = ++at;
		*value_len = http_value_length(at, SIZE_MAX);
		at += *value_len;
		if (**value == '"' && *value_len > 1) {
			(*value)++;
			*value_len -= 2;
		}
	}
	at += strspn(at, " \t");
	return *at == '\0' || *at == ',' ? at : NULL;
}

static bool
is(const char *text, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(text, name, len) == 0;
}

/* Of delta-seconds; 0 if it is none. */
static long
seconds(const char *text, size_t len)
{
	long   n = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		n = n < SECONDS_MAX / 10 - 9 ? n * 10 + (text[i] - '0') :
					       SECONDS_MAX;
	}
	return n;
}

static bool
time_of(const char *text, time_t *at)
{
	struct tm   parts = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts);

	if (end == NULL || *end != '\0')
		return false;
	*at = timegm(&parts);
	return true;
}
