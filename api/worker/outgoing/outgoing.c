/*
 * What all requests to strangers have in common. The address is judged where
 * the connection is made, after the name was resolved.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "address.h"
#include "outgoing.h"

#define CONNECT_SECONDS 10

static curl_socket_t open_socket(void *, curlsocktype, struct curl_sockaddr *);
static size_t	     take(char *, size_t, size_t, void *);

int
outgoing_check(struct outgoing_settings *s, const char *name, char *err,
    size_t errlen)
{
	char why[256];

	if (network_read_list(&s->networks, s->allow, why, sizeof(why)) == 0)
		return 0;
	snprintf(err, errlen, "%s=%s", name, why);
	return -1;
}

void
outgoing_prepare(struct outgoing *o, const struct outgoing_settings *settings,
    const char *url, size_t most, FILE *body)
{
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		abort();
	*o = (struct outgoing){ .curl = curl,
		.networks = &settings->networks,
		.most = most,
		.body = body };
	curl_easy_setopt(curl, CURLOPT_PRIVATE, o);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, o);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (*settings->ca_file != '\0') {
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, settings->timeout);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	/* each request is judged by an address of its own */
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)most);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, o);
}

void
outgoing_take_plain(struct outgoing *o, const char *url)
{
	o->plain = strncasecmp(url, "http:", 5) == 0;
	curl_easy_setopt(o->curl, CURLOPT_PROTOCOLS_STR, "http,https");
}

void
outgoing_header(struct outgoing *o, const char *name, const char *value)
{
	char  *line = NULL;
	size_t len = 0;
	FILE  *out = open_memstream(&line, &len);

	if (out == NULL)
		abort();
	fprintf(out, *value == '\0' ? "%s:" : "%s: %s", name, value);
	if (fclose(out) != 0 ||
	    (o->headers = curl_slist_append(o->headers, line)) == NULL)
		abort();
	free(line);
}

void
outgoing_begin(struct outgoing *o, CURLM *multi)
{
	curl_easy_setopt(o->curl, CURLOPT_HTTPHEADER, o->headers);
	if (curl_multi_add_handle(multi, o->curl) != CURLM_OK)
		abort();
}

struct outgoing *
outgoing_of(CURL *curl)
{
	struct outgoing *o = NULL;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, &o);
	return o;
}

const char *
outgoing_hindrance(const struct outgoing *o, CURLcode result)
{
	if (!o->dialed)
		return o->refused ? "address_refused" : "no_address";
	return result == CURLE_OPERATION_TIMEDOUT ? "timeout" : "no_answer";
}

bool
outgoing_dialed(const struct outgoing *o)
{
	return o->dialed;
}

void
outgoing_end(struct outgoing *o, CURLM *multi)
{
	curl_multi_remove_handle(multi, o->curl);
	curl_easy_cleanup(o->curl);
	curl_slist_free_all(o->headers);
	o->curl = NULL;
	o->headers = NULL;
}

/* The name is resolved: this is where the connection would go. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct outgoing *o = arg;
	const bool	 permitted = o->plain ?
		  address_inside(o->networks, &address->addr) :
		  address_permitted(o->networks, &address->addr);

	(void)purpose;
	if (!permitted) {
		o->refused = true;
		return CURL_SOCKET_BAD;
	}
	o->dialed = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
}

/* An answer without end says nothing more. */
static size_t
take(char *bytes, size_t size, size_t n, void *arg)
{
	struct outgoing *o = arg;

	o->received += size * n;
	if (o->received > o->most)
		return 0;
	if (o->body != NULL && fwrite(bytes, size, n, o->body) != n)
		return 0;
	return size * n;
}
