/*
 * What an attempt sends and how. The signature is made anew for each, since it
 * covers the time of the attempt; with two secrets there are two.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wall_clock.h"
#include "webhook_post.h"

#define SECRET_MAX     64 /* bytes */
#define SIGNATURES_MAX 1024
#define ANSWER_MAX     65536 /* bytes that are read of one */

static const char no_address[] = "the host has no public address";

static void   sign(const struct webhook_post *, const char *, char *);
static size_t sign_with(const char *, size_t, const char *, size_t, char *);
static const char *outcome_of(int);

void
webhook_post_begin(struct webhook_post *p, CURLM *multi,
    const struct outgoing_settings *settings)
{
	struct outgoing *o = &p->transfer;
	char		 timestamp[24], signatures[SIGNATURES_MAX];

	outgoing_prepare(o, settings, p->url, ANSWER_MAX, NULL);
	snprintf(timestamp, sizeof(timestamp), "%lld",
	    (long long)wall_clock_seconds());
	sign(p, timestamp, signatures);
	outgoing_header(o, "webhook-id", p->message_id);
	outgoing_header(o, "webhook-timestamp", timestamp);
	outgoing_header(o, "webhook-signature", signatures);
	outgoing_header(o, "Content-Type", "application/json");
	outgoing_header(o, "User-Agent", "casework-webhooks");
	outgoing_header(o, "Expect", ""); /* no 100 to wait for */
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(p->body));
	curl_easy_setopt(o->curl, CURLOPT_POSTFIELDS, p->body);
	outgoing_begin(o, multi);
}

/*
 * An answer counts when its status has come, even if the rest does not: the
 * receiver has the event then. Before an address was dialed neither the reason
 * nor the time is told.
 */
void
webhook_post_end(struct webhook_post *p, CURLM *multi, CURLcode result)
{
	CURL	  *curl = p->transfer.curl;
	curl_off_t wait = 0, took = 0;
	long	   status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
	curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &took);
	p->status = status >= 200 ? (int)status : 0;
	p->retry_after = wait > 86400 ? 86400 : (long)wait;
	p->milliseconds = (long)(took / 1000);
	p->error[0] = '\0';
	if (p->status != 0) {
		p->outcome = outcome_of(p->status);
	} else {
		p->outcome = outgoing_hindrance(&p->transfer, result);
		snprintf(p->error, sizeof(p->error), "%s",
		    outgoing_dialed(&p->transfer) ? curl_easy_strerror(result) :
						    no_address);
		if (!outgoing_dialed(&p->transfer))
			p->milliseconds = 0;
	}
	outgoing_end(&p->transfer, multi);
}

static const char *
outcome_of(int status)
{
	static const char *const classes[] = { "2xx", "3xx", "4xx", "5xx" };

	return status < 600 ? classes[status / 100 - 2] : "other";
}

/* "v1,… v1,…" over id.timestamp.body, for each secret that there is. */
static void
sign(const struct webhook_post *p, const char *timestamp, char *out)
{
	size_t	    size, len, used = 0;
	const char *secret = p->secrets;
	char	   *text;

	size = strlen(p->message_id) + strlen(timestamp) + strlen(p->body) + 3;
	if ((text = malloc(size)) == NULL)
		abort();
	size = (size_t)snprintf(text, size, "%s.%s.%s", p->message_id,
	    timestamp, p->body);
	out[0] = '\0';
	for (; *secret != '\0'; secret += len + (secret[len] == ' ')) {
		len = strcspn(secret, " ");
		if (used + 64 > SIGNATURES_MAX)
			break;
		if (used > 0)
			out[used++] = ' ';
		used += sign_with(secret, len, text, size, out + used);
	}
	free(text);
}

static size_t
sign_with(const char *hex, size_t hexlen, const char *text, size_t len,
    char *out)
{
	unsigned char key[SECRET_MAX], digest[EVP_MAX_MD_SIZE];
	char	      copy[2 * SECRET_MAX + 1];
	size_t	      keylen = 0;
	unsigned      n = 0;

	if (hexlen >= sizeof(copy))
		abort();
	memcpy(copy, hex, hexlen);
	copy[hexlen] = '\0';
	if (OPENSSL_hexstr2buf_ex(key, sizeof(key), &keylen, copy, '\0') != 1 ||
	    HMAC(EVP_sha256(), key, (int)keylen, (const unsigned char *)text,
		len, digest, &n) == NULL)
		abort();
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(copy, sizeof(copy));
	out = stpcpy(out, "v1,");
	return 3 +
	    (size_t)EVP_EncodeBlock((unsigned char *)out, digest, (int)n);
}
