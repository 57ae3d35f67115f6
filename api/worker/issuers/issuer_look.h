/*
 * One look at the keys of an issuer: where they are, unless that is said, and
 * what is there. Several transfers, one after the other, within one time.
 */
#ifndef CASEWORK_ISSUER_LOOK_H
#define CASEWORK_ISSUER_LOOK_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "key_set.h"
#include "outgoing.h"

#define ISSUER_LOOK_ETAG_MAX  256 /* bytes */
#define ISSUER_LOOK_FAULT_MAX 300

struct issuer_look {
	struct outgoing transfer; /* first: found by it */
	/* the caller's, until it is freed; NULL where there is none */
	const char *issuer, *jwks_url;
	const char *known_source, *known_etag; /* of the keys that are known */
	/* what came of it */
	const char *outcome; /* a label; NULL: it is not over */
	char	    fault[ISSUER_LOOK_FAULT_MAX]; /* a sentence; "": none */
	char	   *keys; /* JSON; NULL: they are unchanged */
	char	    source[KEY_SET_URL_MAX + 1];
	char	    etag[ISSUER_LOOK_ETAG_MAX + 1];
	long	    fresh; /* seconds; -1: it was not said */
	/* private */
	const struct outgoing_settings *settings;
	int				stage;
	int64_t				ends; /* monotonic_us() */
	char			       *body;
	size_t				len;
};

/* Begins it; the look must stay where it is. It may be over at once. */
void issuer_look_begin(struct issuer_look *, CURLM *,
    const struct outgoing_settings *);
/* Its transfer has ended: goes on with the next one, or says what came of it.
 */
void issuer_look_go_on(struct issuer_look *, CURLM *, CURLcode);
void issuer_look_free(struct issuer_look *);

#endif
