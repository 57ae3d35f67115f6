/*
 * Reading settings from the environment: see settings.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

/* Of what stands behind the scheme, but slashes; it is put into JSON as is. */
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define URL_CHARACTERS                        \
	CAPITALS "abcdefghijklmnopqrstuvwxyz" \
		 "0123456789-._~:[]@!$&'()*+;=%"

static int read_number(const struct setting *, const char *, char *, size_t);
static const char *skip_scheme(const char *);

int
settings_load(const struct setting *settings, size_t n, char *err,
    size_t errlen)
{
	const char *value;
	size_t	    i;

	for (i = 0; i < n; i++) {
		const struct setting *s = &settings[i];

		value = getenv(s->name);
		if (value == NULL || *value == '\0')
			value = s->fallback;
		if (s->text != NULL)
			*s->text = value;
		else if (read_number(s, value, err, errlen) == -1)
			return -1;
	}
	return 0;
}

void
settings_help(const struct setting *settings, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("  %-18s %s%s%s%s\n", settings[i].name,
		    settings[i].meaning, *settings[i].fallback ? " (" : "",
		    settings[i].fallback, *settings[i].fallback ? ")" : "");
}

int
settings_check_port(const char *name, const char *value, char *err,
    size_t errlen)
{
	long		     port;
	const struct setting s = {
		.name = name, .min = 1, .max = 65535, .number = &port
	};

	return read_number(&s, value, err, errlen);
}

int
settings_check_url(const char *name, const char *value, char *err,
    size_t errlen)
{
	const char *rest = skip_scheme(value);

	if (*value == '\0' ||
	    (rest != NULL && strncmp(value, "http", 4) == 0 && *rest != '/' &&
		rest[strspn(rest, URL_CHARACTERS "/")] == '\0' &&
		value[strlen(value) - 1] != '/'))
		return 0;
	snprintf(err, errlen,
	    "%s=%s: use an http(s) URL without a query or a slash at its end",
	    name, value);
	return -1;
}

int
settings_check_origins(const char *name, const char *value, char *err,
    size_t errlen)
{
	const char *p = value, *rest, *end;

	while (*(p += strspn(p, ", ")) != '\0') {
		end = p + strcspn(p, ", ");
		rest = skip_scheme(p);
		if (end - p != 1 || *p != '*') {
			if (rest == NULL || rest >= end ||
			    rest + strspn(rest, URL_CHARACTERS) < end ||
			    p + strcspn(p, CAPITALS) < end)
				break;
		}
		p = end;
	}
	if (*p == '\0')
		return 0;
	snprintf(err, errlen,
	    "%s=%s: use origins like https://portal.example:8443, in small "
	    "letters and without a slash at their end, or *",
	    name, value);
	return -1;
}

int
settings_check_file(const char *name, const char *path, char *err,
    size_t errlen)
{
	FILE *file;
	int   c;

	if (*path == '\0')
		return 0;
	errno = 0;
	file = fopen(path, "re");
	c = file == NULL ? EOF : getc(file);
	if (c == EOF)
		snprintf(err, errlen, "%s=%s: %s", name, path,
		    errno == 0 ? "it is empty" : strerror(errno));
	if (file != NULL)
		(void)fclose(file);
	return c == EOF ? -1 : 0;
}

/* Behind "scheme://", or NULL. */
static const char *
skip_scheme(const char *url)
{
	size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return n == 0 || strncmp(url + n, "://", 3) != 0 ? NULL : url + n + 3;
}

static int
read_number(const struct setting *s, const char *value, char *err,
    size_t errlen)
{
	char *end;
	long  n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < s->min ||
	    n > s->max) {
		snprintf(err, errlen,
		    "%s=%s: use a whole number from %ld "
		    "to %ld",
		    s->name, value, s->min, s->max);
		return -1;
	}
	*s->number = n;
	return 0;
}
