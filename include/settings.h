/*
 * Settings are environment variables: each program has one table of them,
 * walked by reading and by help. A bad value is one clear line, never a guess.
 */
#ifndef CASEWORK_SETTINGS_H
#define CASEWORK_SETTINGS_H

#include <stddef.h>

struct setting {
	const char  *name;
	const char  *fallback;
	const char **text;   /* either this … */
	long	    *number; /* … or this, from min to max */
	long	     min, max;
	const char  *meaning;
};

/* 0, or -1 with a line in err that names the setting and what it may be. */
int settings_load(const struct setting *, size_t n, char *err, size_t errlen);
/* One line per setting: name, default, meaning. */
void settings_help(const struct setting *, size_t n);
/* The same as a file of systemd's EnvironmentFile=, each commented out. */
void settings_print(const struct setting *, size_t n);

/* A TCP port. 0, or -1 with a line in err. */
int settings_check_port(const char *name, const char *value, char *err,
    size_t errlen);
/* "", or a file that can be read and holds something. */
int settings_check_file(const char *name, const char *path, char *err,
    size_t errlen);

#endif
