/*
 * Reading settings from the environment: see settings.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"

static int read_number(const struct setting *, const char *, char *, size_t);

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

void
settings_print(const struct setting *settings, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct setting *s = &settings[i];

		printf("%s# %s\n", i == 0 ? "" : "\n", s->meaning);
		if (s->number != NULL)
			printf("# (from %ld to %ld)\n", s->min, s->max);
		printf("#%s=%s\n", s->name, s->fallback);
	}
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
