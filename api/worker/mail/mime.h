/*
 * One mail as bytes (RFC 5322): pure, text in and text out. A value that could
 * become a header of its own, or no address at all, is refused.
 */
#ifndef CASEWORK_MIME_H
#define CASEWORK_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "arena.h"

#define MIME_ADDRESS_MAX 254 /* RFC 5321, 4.5.3.1.3 */
#define MIME_SUBJECT_MAX 500
#define MIME_NAME_MAX	 400
#define MIME_LINE_MAX	 998 /* without CR LF */

struct mime_mail {
	const char *from, *to;	/* addresses, without names and brackets */
	const char *from_name;	/* UTF-8, or NULL */
	const char *subject;	/* UTF-8 */
	const char *message_id; /* without brackets */
	const char *thread; /* another's, which this one refers to, or NULL */
	time_t	    date;
	const char *unsubscribe; /* https link (RFC 8058), or NULL */
	const char *text, *html; /* UTF-8, lines end with \n, the same said */
};

/*
 * The mail with CR LF at its line ends, in the arena. NULL if a header would
 * not be what it says; then *why is the name of that header.
 */
const char *mime_build(struct arena *, const struct mime_mail *, size_t *len,
    const char **why);

/* Printable ASCII with one @ inside, and nothing that ends an address. */
bool mime_is_address(const char *);

#endif
