/*
 * One HTTP request to where somebody else says, as a transfer of a libcurl
 * multi handle: HTTPS, permitted addresses only, no redirect, no proxy, and a
 * bound for how long it takes and how much is read.
 */
#ifndef CASEWORK_OUTGOING_H
#define CASEWORK_OUTGOING_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "network.h"

struct outgoing_settings {
	long		timeout;  /* seconds until the answer has come */
	const char     *ca_file;  /* instead of the system's, unless empty */
	const char     *allow;	  /* networks besides the public ones */
	struct networks networks; /* the same, as outgoing_check() read it */
};

struct outgoing {
	CURL *curl; /* for options and findings of one's own */
	/* private */
	const struct networks *networks;
	struct curl_slist     *headers;
	FILE		      *body;
	size_t		       most, received;
	bool		       plain; /* http, which stays inside */
	bool refused; /* an address, since it is not permitted */
	bool dialed;  /* one that is */
};

/*
 * Reads the networks that the setting called name allows. 0, or -1 with a line
 * in err that names it.
 */
int outgoing_check(struct outgoing_settings *, const char *name, char *err,
    size_t errlen);

/*
 * Makes the handle. Of the answer most bytes are read and written to body
 * (NULL: to nobody); then the transfer ends.
 */
void outgoing_prepare(struct outgoing *, const struct outgoing_settings *,
    const char *url, size_t most, FILE *body);
/* http is taken as well, to addresses that the operator allows. */
void outgoing_take_plain(struct outgoing *, const char *url);
void outgoing_header(struct outgoing *, const char *name, const char *value);
/* Begins the transfer; the struct must stay where it is. */
void outgoing_begin(struct outgoing *, CURLM *);
/* Whose transfer that is. */
struct outgoing *outgoing_of(CURL *);
/* Why there was no answer, in a word: a label. */
const char *outgoing_hindrance(const struct outgoing *, CURLcode);
/*
 * Whether an address was dialed. What went wrong before is the operator's to
 * know: by it whoever chose the name would learn which names our network has
 * (OWASP, Server Side Request Forgery).
 */
bool outgoing_dialed(const struct outgoing *);
/* Takes it out of the multi handle. */
void outgoing_end(struct outgoing *, CURLM *);

#endif
