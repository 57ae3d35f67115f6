/*
 * SMTP with libcurl. A delivery has one time limit for everything, shorter
 * than the lease: when it is over, nobody else has the mail yet. The server's
 * own last line is what last_error tells.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smtp.h"

#define PASSWORD_MAX   512
#define SAID_MAX       256
#define CONNECTION_AGE 30 /* seconds that one may idle and be used again */

struct smtp {
	CURL		    *curl;
	char		     said[SAID_MAX]; /* last line of the server */
	bool		     mailing;	     /* MAIL was sent */
	bool		     quitting;	     /* QUIT was sent */
	const struct letter *letter;
	size_t		     sent;
};

static const struct {
	const char *name;
	long	    level;
} starttls[] = {
	{ "required", CURLUSESSL_ALL },
	{ "try", CURLUSESSL_TRY },
	{ "none", CURLUSESSL_NONE },
};

#define NSTARTTLS (sizeof(starttls) / sizeof(starttls[0]))

static bool   is_url(const char *, bool *);
static size_t starttls_index(const char *);
static int    read_password(struct smtp_settings *, char *, size_t);
static void   prepare(struct smtp *, const struct smtp_settings *);
static size_t read_mail(char *, size_t, size_t, void *);
static size_t ignore(char *, size_t, size_t, void *);
static int    overhear(CURL *, curl_infotype, char *, size_t, void *);

int
smtp_check(struct smtp_settings *s, char *err, size_t errlen)
{
	size_t i = starttls_index(s->starttls);
	bool   tls;

	if (!is_url(s->url, &tls)) {
		snprintf(err, errlen,
		    "SMTP_URL=%s: use smtp://host:port or smtps://host:port",
		    s->url);
	} else if (i == NSTARTTLS) {
		snprintf(err, errlen,
		    "SMTP_STARTTLS=%s: use required, try or none", s->starttls);
	} else if ((*s->user == '\0') != (*s->password_file == '\0')) {
		snprintf(err, errlen,
		    "SMTP_USER and SMTP_PASSWORD_FILE go together");
	} else if (*s->user != '\0' && !tls && i != 0) {
		snprintf(err, errlen,
		    "SMTP_STARTTLS=%s: with SMTP_USER it must be required, "
		    "a password is not sent in the clear",
		    s->starttls);
	} else {
		return read_password(s, err, errlen);
	}
	return -1;
}

/*
 * As libcurl will read it: scheme, host and port, and nothing that it would
 * pass over. A slash at the end says nothing.
 */
static bool
is_url(const char *text, bool *tls)
{
	static const CURLUPart none[] = { CURLUPART_USER, CURLUPART_PASSWORD,
		CURLUPART_QUERY, CURLUPART_FRAGMENT };
	CURLU		      *url = curl_url();
	char		      *part = NULL;
	size_t		       i;
	bool		       good;

	*tls = strncasecmp(text, "smtps://", 8) == 0;
	good = url != NULL && (*tls || strncasecmp(text, "smtp://", 7) == 0) &&
	    curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PATH, &part, 0) == CURLUE_OK &&
	    strcmp(part, "/") == 0;
	curl_free(part);
	for (i = 0; good && i < sizeof(none) / sizeof(none[0]); i++) {
		part = NULL;
		good = curl_url_get(url, none[i], &part, 0) != CURLUE_OK;
		curl_free(part);
	}
	curl_url_cleanup(url);
	return good;
}

static size_t
starttls_index(const char *name)
{
	size_t i;

	for (i = 0; i < NSTARTTLS; i++)
		if (strcmp(starttls[i].name, name) == 0)
			break;
	return i;
}

static int
read_password(struct smtp_settings *s, char *err, size_t errlen)
{
	static char password[PASSWORD_MAX];
	const char *path = s->password_file;
	FILE	   *file;

	if (*path == '\0')
		return 0;
	file = fopen(path, "re");
	if (file == NULL || fgets(password, sizeof(password), file) == NULL) {
		snprintf(err, errlen, "SMTP_PASSWORD_FILE=%s: %s", path,
		    file == NULL ? strerror(errno) : "it is empty");
		if (file != NULL)
			(void)fclose(file);
		return -1;
	}
	(void)fclose(file);
	password[strcspn(password, "\r\n")] = '\0';
	s->password = password;
	return 0;
}

struct smtp *
smtp_open(const struct smtp_settings *settings)
{
	struct smtp *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->curl = curl_easy_init()) == NULL)
		abort();
	prepare(s, settings);
	return s;
}

void
smtp_close(struct smtp *s)
{
	curl_easy_cleanup(s->curl);
	free(s);
}

static void
prepare(struct smtp *s, const struct smtp_settings *settings)
{
	CURL *curl = s->curl;

	curl_easy_setopt(curl, CURLOPT_URL, settings->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
	    starttls[starttls_index(settings->starttls)].level);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (*settings->ca_file != '\0') {
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca_file);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	if (*settings->user != '\0') {
		curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
	}
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, settings->timeout);
	curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
	curl_easy_setopt(curl, CURLOPT_READDATA, s);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, overhear);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, s);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
}

/*
 * Only what is said about the mail itself ends it. A greeting, a login or a
 * STARTTLS that fails with 5xx is the server's trouble or ours, and passes.
 */
enum delivery
smtp_deliver(struct smtp *s, const struct letter *letter, char *err,
    size_t errlen)
{
	struct curl_slist *to = curl_slist_append(NULL, letter->to);
	CURLcode	   result;

	if (to == NULL)
		abort();
	s->letter = letter;
	s->sent = 0;
	s->said[0] = '\0';
	s->mailing = s->quitting = false;
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, letter->from);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
	result = curl_easy_perform(s->curl);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(to);
	if (result == CURLE_OK)
		return DELIVERED;
	snprintf(err, errlen, "%s; the server said: %s",
	    curl_easy_strerror(result), *s->said == '\0' ? "nothing" : s->said);
	return s->mailing && *s->said == '5' ? DELIVERY_REFUSED :
					       DELIVERY_DEFERRED;
}

static size_t
read_mail(char *buffer, size_t size, size_t n, void *arg)
{
	struct smtp *s = arg;
	size_t	     left = s->letter->len - s->sent;

	n *= size;
	if (n > left)
		n = left;
	memcpy(buffer, s->letter->bytes + s->sent, n);
	s->sent += n;
	return n;
}

static size_t
ignore(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static bool
starts_with(const char *line, size_t n, const char *command)
{
	return n >= strlen(command) &&
	    memcmp(line, command, strlen(command)) == 0;
}

/*
 * What both sides say. Of the server's last line the printable part is kept;
 * not its answer to QUIT, with which libcurl ends after a refusal.
 */
static int
overhear(CURL *curl, curl_infotype type, char *line, size_t n, void *arg)
{
	struct smtp *s = arg;
	size_t	     i;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT) {
		s->mailing |= starts_with(line, n, "MAIL FROM");
		s->quitting |= starts_with(line, n, "QUIT");
	}
	if (type != CURLINFO_HEADER_IN || s->quitting)
		return 0;
	for (i = 0; i < n && i < sizeof(s->said) - 1 && line[i] >= ' ' &&
	     line[i] < 0x7f;
	     i++)
		s->said[i] = line[i];
	s->said[i] = '\0';
	return 0;
}
