/*
 * The stages of a look are a table: what is asked, and what is made of the
 * answer. Nothing that an issuer says gets into a fault or an outcome.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "freshness.h"
#include "issuer_look.h"
#include "monotonic.h"
#include "well_known.h"

#define DOCUMENT_MAX 262144 /* bytes */
#define FIELD_MAX    1000   /* of a header field, all its lines */

static void begin_openid(struct issuer_look *, CURLM *);
static void begin_oauth(struct issuer_look *, CURLM *);
static void begin_keys(struct issuer_look *, CURLM *);
static void read_openid(struct issuer_look *, CURLM *, long);
static void read_oauth(struct issuer_look *, CURLM *, long);
static void read_keys(struct issuer_look *, CURLM *, long);

enum { OPENID, OAUTH, KEYS };

static const struct {
	const char *what; /* of the issuer's */
	void (*begin)(struct issuer_look *, CURLM *);
	void (*read)(struct issuer_look *, CURLM *, long status);
} stages[] = {
	[OPENID] = { "metadata document", begin_openid, read_openid },
	[OAUTH] = { "metadata document", begin_oauth, read_oauth },
	[KEYS] = { "key set", begin_keys, read_keys },
};

static void	   enter(struct issuer_look *, int, CURLM *);
static void	   ask(struct issuer_look *, CURLM *, const char *);
static void	   read_metadata(struct issuer_look *, CURLM *, long);
static void	   read_fields(struct issuer_look *, CURL *);
static const char *field(CURL *, const char *, char *);
static void	   hindered(struct issuer_look *, CURLcode);
static void	   not_served(struct issuer_look *, long);
static void	   fail_url(struct issuer_look *);
static void	   fail(struct issuer_look *, const char *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

void
issuer_look_begin(struct issuer_look *l, CURLM *multi,
    const struct outgoing_settings *settings)
{
	l->settings = settings;
	l->ends = monotonic_us() + (int64_t)settings->timeout * 1000000;
	l->fresh = -1;
	if (l->jwks_url == NULL) {
		enter(l, OPENID, multi);
	} else if (strlen(l->jwks_url) < sizeof(l->source)) {
		strcpy(l->source, l->jwks_url);
		enter(l, KEYS, multi);
	} else {
		fail_url(l);
	}
}

void
issuer_look_go_on(struct issuer_look *l, CURLM *multi, CURLcode result)
{
	long status = 0;

	if (fflush(l->transfer.body) != 0)
		abort();
	curl_easy_getinfo(l->transfer.curl, CURLINFO_RESPONSE_CODE, &status);
	if (result != CURLE_OK)
		hindered(l, result);
	else if (l->stage == KEYS)
		read_fields(l, l->transfer.curl);
	(void)fclose(l->transfer.body);
	outgoing_end(&l->transfer, multi);
	if (l->outcome == NULL)
		stages[l->stage].read(l, multi, status);
}

void
issuer_look_free(struct issuer_look *l)
{
	free(l->keys);
	free(l->body);
	l->keys = l->body = NULL;
}

static void
enter(struct issuer_look *l, int stage, CURLM *multi)
{
	l->stage = stage;
	stages[stage].begin(l, multi);
}

static void
begin_openid(struct issuer_look *l, CURLM *multi)
{
	char url[KEY_SET_URL_MAX + 100];

	if (well_known_openid(l->issuer, url, sizeof(url)))
		ask(l, multi, url);
	else
		fail_url(l);
}

static void
begin_oauth(struct issuer_look *l, CURLM *multi)
{
	char url[KEY_SET_URL_MAX + 100];

	if (well_known_oauth(l->issuer, url, sizeof(url)))
		ask(l, multi, url);
	else
		fail_url(l);
}

static void
begin_keys(struct issuer_look *l, CURLM *multi)
{
	ask(l, multi, l->source);
}

/* What is left of the time is what this transfer has. */
static void
ask(struct issuer_look *l, CURLM *multi, const char *url)
{
	int64_t left = (l->ends - monotonic_us()) / 1000;
	FILE   *body;

	free(l->body);
	l->body = NULL;
	if ((body = open_memstream(&l->body, &l->len)) == NULL)
		abort();
	outgoing_prepare(&l->transfer, l->settings, url, DOCUMENT_MAX, body);
	outgoing_take_plain(&l->transfer, url);
	curl_easy_setopt(l->transfer.curl, CURLOPT_TIMEOUT_MS,
	    (long)(left > 1 ? left : 1));
	outgoing_header(&l->transfer, "Accept", "application/json, */*;q=0.1");
	outgoing_header(&l->transfer, "User-Agent", "casework-issuers");
	if (l->stage == KEYS && l->known_etag != NULL &&
	    l->known_source != NULL && strcmp(url, l->known_source) == 0)
		outgoing_header(&l->transfer, "If-None-Match", l->known_etag);
	outgoing_begin(&l->transfer, multi);
}

static void
read_openid(struct issuer_look *l, CURLM *multi, long status)
{
	if (status == 404)
		enter(l, OAUTH, multi);
	else
		read_metadata(l, multi, status);
}

static void
read_oauth(struct issuer_look *l, CURLM *multi, long status)
{
	if (status == 404)
		fail(l, "no_metadata",
		    "It has no metadata, neither as OpenID Connect Discovery "
		    "nor as RFC 8414 has it: say where its keys are "
		    "(jwks_url).");
	else
		read_metadata(l, multi, status);
}

static void
read_metadata(struct issuer_look *l, CURLM *multi, long status)
{
	const struct issuer_fault *fault;

	if (status != 200) {
		not_served(l, status);
		return;
	}
	fault = key_set_find(l->body, l->len, l->issuer, l->source);
	if (fault != NULL)
		fail(l, fault->label, "%s", fault->sentence);
	else
		enter(l, KEYS, multi);
}

/* 304 is an answer to who has asked with an ETag. */
static void
read_keys(struct issuer_look *l, CURLM *multi, long status)
{
	const struct issuer_fault *fault;
	json_t			  *keys;

	(void)multi;
	if (status == 304 && l->known_etag != NULL && l->known_source != NULL &&
	    strcmp(l->source, l->known_source) == 0) {
		snprintf(l->etag, sizeof(l->etag), "%s", l->known_etag);
		l->outcome = "unchanged";
		return;
	}
	if (status != 200) {
		not_served(l, status);
		return;
	}
	keys = key_set_read(l->body, l->len, &fault);
	if (keys == NULL) {
		fail(l, fault->label, "%s", fault->sentence);
		return;
	}
	if ((l->keys = json_dumps(keys, JSON_COMPACT)) == NULL)
		abort();
	json_decref(keys);
	l->outcome = "fetched";
}

/* What the answer says about itself. */
static void
read_fields(struct issuer_look *l, CURL *curl)
{
	char		 control[FIELD_MAX], age[FIELD_MAX], date[FIELD_MAX];
	char		 expires[FIELD_MAX], etag[FIELD_MAX];
	struct freshness f = { field(curl, "Cache-Control", control),
		field(curl, "Age", age), field(curl, "Date", date),
		field(curl, "Expires", expires) };
	const char	*p;

	l->fresh = freshness_seconds(&f);
	if (field(curl, "ETag", etag) == NULL ||
	    strlen(etag) > ISSUER_LOOK_ETAG_MAX)
		return;
	for (p = etag; *p > ' ' && *p < 0x7f; p++)
		;
	if (*p == '\0')
		strcpy(l->etag, etag);
}

/* All lines of it, joined; NULL: none. What does not fit is malformed. */
static const char *
field(CURL *curl, const char *name, char *value)
{
	struct curl_header *h;
	size_t		    i, len = 0;

	for (i = 0;
	     curl_easy_header(curl, name, i, CURLH_HEADER, -1, &h) == CURLHE_OK;
	     i++) {
		len += (size_t)snprintf(value + len, FIELD_MAX - len, "%s%s",
		    i > 0 ? "," : "", h->value);
		if (len >= FIELD_MAX)
			return strcpy(value, "=");
	}
	return i > 0 ? value : NULL;
}

static void
hindered(struct issuer_look *l, CURLcode result)
{
	const char *what = stages[l->stage].what;
	const char *hindrance = outgoing_hindrance(&l->transfer, result);

	if (l->transfer.received > DOCUMENT_MAX ||
	    result == CURLE_FILESIZE_EXCEEDED)
		fail(l, "too_large", "Its %s is larger than 256 KiB.", what);
	else if (!outgoing_dialed(&l->transfer))
		fail(l, hindrance,
		    "The host of its %s has no address that may be asked: "
		    "none that is public and asked by https, or allowed by "
		    "ISSUER_ALLOW.",
		    what);
	else if (result == CURLE_OPERATION_TIMEDOUT)
		fail(l, hindrance, "Its %s did not come within %ld seconds.",
		    what, l->settings->timeout);
	else
		fail(l, hindrance, "Its %s did not come: %s.", what,
		    curl_easy_strerror(result));
}

static void
not_served(struct issuer_look *l, long status)
{
	static const char *const classes[] = { "2xx", "3xx", "4xx", "5xx" };

	fail(l,
	    status >= 200 && status < 600 ? classes[status / 100 - 2] : "other",
	    "Its %s is answered with status %ld%s.", stages[l->stage].what,
	    status, status / 100 == 3 ? "; redirections are not followed" : "");
}

static void
fail_url(struct issuer_look *l)
{
	fail(l, "no_url",
	    "It has no URL at which it could be asked: say where its keys are "
	    "(jwks_url, of 2000 characters at most), or what they are (jwks).");
}

static void
fail(struct issuer_look *l, const char *outcome, const char *format, ...)
{
	va_list args;

	l->outcome = outcome;
	va_start(args, format);
	vsnprintf(l->fault, sizeof(l->fault), format, args);
	va_end(args);
}
