/*
 * The public status page: the status feed as static files, which are
 * status.json, summary.json, incidents/<id>.json, history.atom, index.html, and
 * snapshot.json, the signed source of them all, from which the operator goes on
 * when the database is gone. These are its settings.
 */
#ifndef CASEWORK_STATUSPAGE_H
#define CASEWORK_STATUSPAGE_H

/* Each of them may be empty. */
struct statuspage_settings {
	const char *directory; /* there are no files without it */
	const char *key_file;  /* a secret of 32 bytes or more */
	const char *url;       /* where the files are served from */
	const char *name;      /* of the page */
};

#endif
