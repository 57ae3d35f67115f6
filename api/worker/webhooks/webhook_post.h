/*
 * One signed POST to a webhook's URL (Standard Webhooks 1.0.0).
 */
#ifndef CASEWORK_WEBHOOK_POST_H
#define CASEWORK_WEBHOOK_POST_H

#include <curl/curl.h>

#include "outgoing.h"

#define WEBHOOK_ERROR_MAX 200

struct webhook_post {
	struct outgoing transfer; /* first: found by it */
	/* the caller's, until it is freed */
	const char *url, *message_id, *body;
	const char *secrets; /* in hex, separated by spaces */
	/* what came of it */
	int  status; /* of HTTP; 0: there was no answer */
	long retry_after, milliseconds;
	char error[WEBHOOK_ERROR_MAX]; /* for the owner; "" with a status */
	const char *outcome;	       /* for the operator: a label */
};

/* Begins the transfer; the post must stay where it is. */
void webhook_post_begin(struct webhook_post *, CURLM *,
    const struct outgoing_settings *);
/* Takes it out of the multi handle and says what came of it. */
void webhook_post_end(struct webhook_post *, CURLM *, CURLcode);

#endif
