/*
 * One mail on its way out. What comes of handing it over, by SMTP or into a
 * maildir, decides about the next attempt.
 */
#ifndef CASEWORK_LETTER_H
#define CASEWORK_LETTER_H

#include <stddef.h>

enum delivery {
	DELIVERED,
	DELIVERY_DEFERRED, /* no connection, or the server said 4xx */
	DELIVERY_REFUSED   /* the server said 5xx about this mail */
};

struct letter {
	const char *message_id; /* without brackets */
	const char *from, *to;
	const char *bytes;
	size_t	    len;
};

#endif
