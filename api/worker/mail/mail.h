/*
 * The threads that send mails. Each of them does the same, so the settings say
 * how many there are.
 */
#ifndef CASEWORK_MAIL_H
#define CASEWORK_MAIL_H

#include <stddef.h>

#include "smtp.h"

struct mail_settings {
	const char *from;
	const char *host; /* behind the @ of from; mail_check() finds it */
	const char *public_url; /* {api} in a mail */
	const char *portal_url; /* {portal} in a mail */
	const char *status_url; /* {status} in a mail */
	const char *directory;	/* a maildir, when smtp.url is empty */
	struct smtp_settings smtp;
	long		     senders;
	long		     lease, retry; /* seconds */
	long		     attempts;
};

/* 0, or -1 with a line in err that names the setting. */
int mail_check(struct mail_settings *, char *err, size_t errlen);
/* Once, before there are threads. 0, or -1 with a line in err. */
int   mail_init(const struct mail_settings *, char *err, size_t errlen);
void *mail_run(void *);

#endif
