/*
 * Handing one mail over, by SMTP or into a maildir. What comes of it decides
 * about the next attempt.
 */
#ifndef CASEWORK_SMTP_H
#define CASEWORK_SMTP_H

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

struct smtp;

/* Checks the settings SMTP_ and reads the password. 0, or -1 with a line. */
int smtp_check(char *err, size_t errlen);
/* Once, before there are threads. */
void smtp_init(void);

/* A connection of one thread, kept open between mails. Never NULL. */
struct smtp  *smtp_open(void);
enum delivery smtp_deliver(struct smtp *, const struct letter *, char *err,
    size_t errlen);
void	      smtp_close(struct smtp *);

/* Makes the directories. 0, or -1 with a line in err. */
int	      maildir_make(const char *directory, char *err, size_t errlen);
enum delivery maildir_deliver(const char *directory, const struct letter *,
    char *err, size_t errlen);

#endif
