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
#include <unistd.h>

#include "address.h"
#include "wall_clock.h"
#include "webhook_post.h"

#define SECRET_MAX	64 /* bytes */
#define SIGNATURES_MAX	1024
#define CONNECT_SECONDS 10
#define ANSWER_MAX	65536 /* bytes that are read of one */

static const char no_address[] = "the host has no public address";

static void   prepare(struct webhook_post *,
      const struct webhook_post_settings *);
static void   add_header(struct webhook_post *, const char *, const char *);
static void   sign(const struct webhook_post *, const char *, char *);
static size_t sign_with(const char *, size_t, const char *, size_t, char *);
static curl_socket_t open_socket(void *, curlsocktype, struct curl_sockaddr *);
static size_t	     ignore(char *, size_t, size_t, void *);
static const char   *outcome_of(int);

void
webhook_post_begin(struct webhook_post *p, CURLM *multi,
    const struct webhook_post_settings *settings)
{
	char timestamp[24], signatures[SIGNATURES_MAX];

	snprintf(timestamp, sizeof(timestamp), "%lld",
	    (long long)wall_clock_seconds());
	sign(p, timestamp, signatures);
	add_header(p, "webhook-id", p->message_id);
	add_header(p, "webhook-timestamp", timestamp);
	add_header(p, "webhook-signature", signatures);
	add_header(p, "Content-Type", "application/json");
	add_header(p, "User-Agent", "casework-webhooks");
	/* no 100 to wait for */
	p->headers = curl_slist_append(p->headers, "Expect:");
	if ((p->curl = curl_easy_init()) == NULL)
		abort();
	prepare(p, settings);
	if (curl_multi_add_handle(multi, p->curl) != CURLM_OK)
		abort();
}

static void
add_header(struct webhook_post *p, const char *name, const char *value)
{
	char line[SIGNATURES_MAX + 64];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	p->headers = curl_slist_append(p->headers, line);
	if (p->headers == NULL)
		abort();
}

static void
prepare(struct webhook_post *p, const struct webhook_post_settings *settings)
{
	CURL *curl = p->curl;

	curl_easy_setopt(curl, CURLOPT_PRIVATE, p);
	curl_easy_setopt(curl, CURLOPT_URL, p->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, p);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (*settings->ca_file != '\0') {
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, settings->timeout);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	/* each attempt is judged by an address of its own */
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, p->headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(p->body));
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, p->body);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)ANSWER_MAX);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, p);
}

/*
 * An answer counts when its status has come, even if the rest does not: the
 * receiver has the event then. What went wrong before there was an address to
 * dial is the operator's to know: whoever chose the name would learn which
 * names our network has, by the reason or by the time that it took (OWASP,
 * Server Side Request Forgery).
 */
void
webhook_post_end(struct webhook_post *p, CURLM *multi, CURLcode result)
{
	curl_off_t wait = 0, took = 0;
	long	   status = 0;

	curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(p->curl, CURLINFO_RETRY_AFTER, &wait);
	curl_easy_getinfo(p->curl, CURLINFO_TOTAL_TIME_T, &took);
	p->status = status >= 200 ? (int)status : 0;
	p->retry_after = wait > 86400 ? 86400 : (long)wait;
	p->milliseconds = (long)(took / 1000);
	p->error[0] = '\0';
	if (p->status != 0) {
		p->outcome = outcome_of(p->status);
	} else if (!p->dialed) {
		p->outcome = p->refused ? "address_refused" : "no_address";
		p->milliseconds = 0;
		snprintf(p->error, sizeof(p->error), "%s", no_address);
	} else {
		p->outcome = result == CURLE_OPERATION_TIMEDOUT ? "timeout" :
								  "no_answer";
		snprintf(p->error, sizeof(p->error), "%s",
		    curl_easy_strerror(result));
	}
	curl_multi_remove_handle(multi, p->curl);
	curl_easy_cleanup(p->curl);
	curl_slist_free_all(p->headers);
	p->curl = NULL;
	p->headers = NULL;
}

struct webhook_post *
webhook_post_of(CURL *curl)
{
	struct webhook_post *p = NULL;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, &p);
	return p;
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

/* The name is resolved: this is where the connection would go. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct webhook_post *p = arg;

	(void)purpose;
	if (!address_permitted(&address->addr)) {
		p->refused = true;
		return CURL_SOCKET_BAD;
	}
	p->dialed = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* What it says is nobody's business; without end it says nothing more. */
static size_t
ignore(char *bytes, size_t size, size_t n, void *arg)
{
	struct webhook_post *p = arg;

	(void)bytes;
	p->received += size * n;
	return p->received > ANSWER_MAX ? 0 : size * n;
}
