/*
 * What an operator sets about tokens.
 */
#ifndef CASEWORK_AUTH_SETTINGS_H
#define CASEWORK_AUTH_SETTINGS_H

#include <stddef.h>

struct auth_settings {
	const char *hs256;    /* refuse or allow: keys that can also sign */
	long	    max_life; /* seconds from iat to exp of a token */
};

/* Those in force: refuse and a day before auth_configure(). */
extern const struct auth_settings *auth_settings;

/* 0, or -1 with a line in err. */
int auth_settings_check(const struct auth_settings *, char *err, size_t errlen);
/* Call before auth_load(). The settings must stay. */
void auth_configure(const struct auth_settings *);

#endif
