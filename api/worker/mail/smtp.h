/*
 * Handing a mail over to a mail server.
 */
#ifndef CASEWORK_SMTP_H
#define CASEWORK_SMTP_H

#include <stddef.h>

#include "letter.h"

struct smtp_settings {
	const char *url;
	const char *starttls; /* required, try or none */
	const char *ca_file;  /* instead of the system's, unless empty */
	const char *user, *password_file;
	const char *password; /* smtp_check() reads it */
	long	    timeout;  /* seconds, of a whole delivery */
};

struct smtp;

/* 0, or -1 with a line in err that names the setting. */
int smtp_check(struct smtp_settings *, char *err, size_t errlen);

/*
 * A connection of one thread, kept open between mails. Never NULL. The
 * settings outlive it.
 */
struct smtp  *smtp_open(const struct smtp_settings *);
enum delivery smtp_deliver(struct smtp *, const struct letter *, char *err,
    size_t errlen);
void	      smtp_close(struct smtp *);

#endif
