/*
 * One signed POST to a webhook's URL (Standard Webhooks 1.0.0), as a transfer
 * of a libcurl multi handle. Where it goes is decided by somebody else: HTTPS
 * only, permitted addresses only, no redirect, no proxy.
 */
#ifndef CASEWORK_WEBHOOK_POST_H
#define CASEWORK_WEBHOOK_POST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#define WEBHOOK_ERROR_MAX 200

struct webhook_post_settings {
	long	    timeout; /* seconds until the answer has come */
	const char *ca_file; /* instead of the system's, unless empty */
};

struct webhook_post {
	/* the caller's, until it is freed */
	const char *url, *message_id, *body;
	const char *secrets; /* in hex, separated by spaces */
	/* what came of it */
	int  status; /* of HTTP; 0: there was no answer */
	long retry_after, milliseconds;
	char error[WEBHOOK_ERROR_MAX]; /* for the owner; "" with a status */
	const char *outcome;	       /* for the operator: a label */
	/* private */
	CURL		  *curl;
	struct curl_slist *headers;
	size_t		   received;
	bool		   refused; /* an address, since it is not permitted */
	bool		   dialed;  /* one that is */
};

/* Begins the transfer; the post must stay where it is. */
void webhook_post_begin(struct webhook_post *, CURLM *,
    const struct webhook_post_settings *);
/* Takes it out of the multi handle and says what came of it. */
void webhook_post_end(struct webhook_post *, CURLM *, CURLcode);
/* Whose transfer that is. */
struct webhook_post *webhook_post_of(CURL *);

#endif
