/*
 * DATABASE_URL is parsed once; user and password in it give way to the role's.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"

#define OURS	 6  /* parameters added here, and the NULL */
#define USER_MAX 40 /* "casework_" and the kind */

int
conninfo(const char *url, const char *kind, const char ***keys,
    const char ***values, char *err, size_t errlen)
{
	static PQconninfoOption *options;
	PQconninfoOption	*o;
	char			*message = NULL, *user;
	size_t			 n = 0;

	if (options == NULL)
		options = PQconninfoParse(url, &message);
	if (options == NULL) {
		snprintf(err, errlen, "DATABASE_URL: %s",
		    message == NULL ? "out of memory" : message);
		err[strcspn(err, "\n")] = '\0';
		PQfreemem(message);
		return -1;
	}
	for (o = options; o->keyword != NULL; o++)
		n++;
	*keys = calloc(n + OURS, sizeof(**keys));
	/* the user's name stands behind the array that points to it */
	*values = calloc(1, (n + OURS) * sizeof(**values) + USER_MAX);
	if (*keys == NULL || *values == NULL)
		abort();
	user = (char *)(*values + n + OURS);
	snprintf(user, USER_MAX, "casework_%s", kind);
	n = 0;
	(*keys)[n] = "tcp_user_timeout"; /* ms; DATABASE_URL may say more */
	(*values)[n++] = "10000";
	(*keys)[n] = "connect_timeout"; /* s; likewise, for who blocks */
	(*values)[n++] = "5";
	for (o = options; o->keyword != NULL; o++) {
		if (o->val == NULL || strcmp(o->keyword, "user") == 0 ||
		    strcmp(o->keyword, "password") == 0)
			continue;
		(*keys)[n] = o->keyword;
		(*values)[n++] = o->val;
	}
	(*keys)[n] = "user";
	(*values)[n++] = user;
	(*keys)[n] = "application_name";
	(*values)[n++] = "casework";
	(*keys)[n] = "client_encoding";
	(*values)[n++] = "UTF8";
	return 0;
}
