/*
 * Building a mail: headers from checked values, text and HTML of one content
 * (RFC 2046, 5.1.4) in quoted-printable (RFC 2045), a subject that is not ASCII
 * in encoded words (RFC 2047). The buffer is as large as the worst case, so
 * nothing is measured twice.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mime.h"
#include "text.h"
#include "utf8.h"

#define WORD_MAX     75 /* an encoded word */
#define QP_LINE_MAX  76 /* with the = of a soft line break */
#define SUBJECT_LINE 66 /* what fits beside "Subject: " */
#define HEADERS_MAX \
	(4 * MIME_LINE_MAX + 12 * (MIME_SUBJECT_MAX + MIME_NAME_MAX) + 1024)

static const char hex[] = "0123456789ABCDEF";
static const char word_start[] = "=?utf-8?Q?";
/* No line of quoted-printable has =_ (RFC 2045, 6.7), whatever people write. */
static const char boundary[] = "=_alternative";

static bool  is_plain(const char *, size_t max);
static bool  is_link(const char *);
static char *add_date(char *, time_t);
static char *add_sender(char *, const struct mime_mail *);
static char *add_subject(char *, const char *);
static char *add_words(char *, size_t used, const char *);
static char *add_part(char *, const char *type, const char *);
static char *add_quoted(char *, const char *);

const char *
mime_build(struct arena *arena, const struct mime_mail *m, size_t *len,
    const char **why)
{
	const struct {
		const char *name;
		bool	    good;
	} checks[] = {
		{ "From",
		    mime_is_address(m->from) &&
			(m->from_name == NULL ||
			    is_plain(m->from_name, MIME_NAME_MAX)) },
		{ "To", mime_is_address(m->to) },
		{ "Subject", is_plain(m->subject, MIME_SUBJECT_MAX) },
		{ "Message-ID", mime_is_address(m->message_id) },
		{ "References",
		    m->thread == NULL || mime_is_address(m->thread) },
		{ "List-Unsubscribe",
		    m->unsubscribe == NULL || is_link(m->unsubscribe) },
	};
	char  *start, *p;
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		*why = checks[i].name;
		if (!checks[i].good)
			return NULL;
	}
	/* a byte of the text takes 3, and its share of a line's end */
	start = arena_alloc(arena,
	    HEADERS_MAX + 4 * strlen(m->text) + 4 * strlen(m->html));
	p = add_sender(TEXT_ADD(start, "From: "), m);
	p = TEXT_ADD(p, "\r\nTo: ", m->to, "\r\nDate: ");
	p = add_date(p, m->date);
	p = add_subject(TEXT_ADD(p, "\r\nSubject: "), m->subject);
	p = TEXT_ADD(p, "\r\nMessage-ID: <", m->message_id,
	    ">\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative; boundary=\"");
	p = TEXT_ADD(p, boundary, "\"\r\n");
	/*
	 * Nobody has that mail (RFC 5322, 3.6.4, allows it): what all refer to
	 * makes a thread of those that each recipient has.
	 */
	if (m->thread != NULL)
		p = TEXT_ADD(p, "In-Reply-To: <", m->thread,
		    ">\r\nReferences: <", m->thread, ">\r\n");
	if (m->unsubscribe != NULL)
		p = TEXT_ADD(p, "List-Unsubscribe: <", m->unsubscribe,
		    ">\r\n"
		    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
	/* who reads one of them takes the last that it can */
	p = add_part(p, "text/plain", m->text);
	p = add_part(p, "text/html", m->html);
	p = TEXT_ADD(p, "\r\n--", boundary, "--\r\n");
	*len = (size_t)(p - start);
	return start;
}

bool
mime_is_address(const char *s)
{
	const char *at = strchr(s, '@');
	const char *p;

	for (p = s; *p > ' ' && *p < 0x7f; p++)
		if (strchr("<>()[],;:\\\"", *p) != NULL)
			return false;
	return *p == '\0' && p - s <= MIME_ADDRESS_MAX && at != NULL &&
	    at > s && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}

/* One line of text without control characters. */
static bool
is_plain(const char *s, size_t max)
{
	const char *p;

	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return p > s && (size_t)(p - s) <= max;
}

static bool
is_link(const char *s)
{
	const char *p;

	for (p = s; *p > ' ' && *p < 0x7f && *p != '<' && *p != '>'; p++)
		;
	return *p == '\0' && p - s <= MIME_LINE_MAX - 32 &&
	    (strncmp(s, "https://", 8) == 0 || strncmp(s, "http://", 7) == 0);
}

/* In UTC, in English whatever the locale. */
static char *
add_date(char *p, time_t date)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm	  tm;

	gmtime_r(&date, &tm);
	return p +
	    sprintf(p, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
		&days[3 * tm.tm_wday], tm.tm_mday, &months[3 * tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Bytes of the UTF-8 character at s; 1 where there is none. */
static size_t
character(const char *s)
{
	uint32_t c;
	size_t	 n = utf8_decode(s, &c);

	return n == 0 ? 1 : n;
}

static bool
is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static char *
add_hex(char *p, unsigned char c)
{
	*p++ = '=';
	*p++ = hex[c >> 4];
	*p++ = hex[c & 15];
	return p;
}

/* The name in encoded words: it could be anything (RFC 2047, 5). */
static char *
add_sender(char *p, const struct mime_mail *m)
{
	if (m->from_name == NULL)
		return TEXT_ADD(p, m->from);
	p = add_words(p, strlen("From: "), m->from_name);
	return TEXT_ADD(p, "\r\n <", m->from, ">");
}

/* As it is when it is short ASCII that nobody takes for an encoded word. */
static char *
add_subject(char *p, const char *s)
{
	size_t n;

	for (n = 0; s[n] != '\0' && (unsigned char)s[n] < 0x80; n++)
		;
	if (s[n] == '\0' && n <= SUBJECT_LINE && strstr(s, "=?") == NULL)
		return TEXT_ADD(p, s);
	return add_words(p, strlen("Subject: "), s);
}

/* Encoded words, none of which splits a character; used: of a line's 76. */
static char *
add_words(char *p, size_t used, const char *s)
{
	size_t n;

	p = TEXT_ADD(p, word_start);
	for (; *s != '\0'; s += n) {
		n = character(s);
		if (used + 3 * n > WORD_MAX - sizeof(word_start) - 1) {
			p = TEXT_ADD(p, "?=\r\n ", word_start);
			used = 0;
		}
		for (size_t i = 0; i < n; i++) {
			if (is_word_character(s[i]))
				*p++ = s[i];
			else
				p = add_hex(p, (unsigned char)s[i]);
		}
		used += is_word_character(*s) ? 1 : 3 * n;
	}
	return TEXT_ADD(p, "?=");
}

static char *
add_part(char *p, const char *type, const char *s)
{
	p = TEXT_ADD(p, "\r\n--", boundary, "\r\nContent-Type: ", type);
	p = TEXT_ADD(p,
	    "; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	return add_quoted(p, s);
}

/*
 * Lines of at most 76 characters; each ends with CR LF, the last one too. A
 * space or tab at the end of a line is encoded: on the way it might be lost.
 */
static char *
add_quoted(char *p, const char *s)
{
	size_t column = 0, width;
	bool   plain;

	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			p = TEXT_ADD(p, "\r\n");
			column = 0;
			continue;
		}
		plain = (*s > ' ' && *s < 0x7f && *s != '=') ||
		    ((*s == ' ' || *s == '\t') && s[1] != '\n' && s[1] != '\0');
		width = plain ? 1 : 3;
		if (column + width > QP_LINE_MAX - 1) {
			p = TEXT_ADD(p, "=\r\n");
			column = 0;
		}
		if (plain)
			*p++ = *s;
		else
			p = add_hex(p, (unsigned char)*s);
		column += width;
	}
	return column > 0 ? TEXT_ADD(p, "\r\n") : (*p = '\0', p);
}
