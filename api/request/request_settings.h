/*
 * What an operator sets about requests.
 */
#ifndef CASEWORK_REQUEST_SETTINGS_H
#define CASEWORK_REQUEST_SETTINGS_H

struct request_settings {
	const char *public_url; /* base of the links in answers */
	const char *status_url; /* of the status page */
	const char *cors_origins;
	long	    rate_limit;	   /* requests a minute and caller, 0 is off */
	long	    body_memory;   /* MiB, per process */
	long	    answer_memory; /* MiB of public answers, per process */
};

/* Those in force; NULL before request_configure(). */
extern const struct request_settings *request_settings;
/* The path of public_url, which a proxy in front takes off; mostly "". */
extern const char *request_public_path;

/* Call before the first request. The settings must stay. */
void request_configure(const struct request_settings *);

#endif
