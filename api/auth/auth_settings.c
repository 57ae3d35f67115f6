/*
 * The settings of tokens.
 */
#include <stdio.h>
#include <string.h>

#include "auth_settings.h"

static const struct auth_settings strict = { "refuse", 86400 };

const struct auth_settings *auth_settings = &strict;

int
auth_settings_check(const struct auth_settings *s, char *err, size_t errlen)
{
	if (strcmp(s->hs256, "refuse") == 0 || strcmp(s->hs256, "allow") == 0)
		return 0;
	snprintf(err, errlen, "TOKEN_HS256=%s: use refuse or allow", s->hs256);
	return -1;
}

void
auth_configure(const struct auth_settings *settings)
{
	auth_settings = settings;
}
