/*
 * How long an answer may be kept (RFC 9111 4.2, 5.2.2).
 */
#ifndef CASEWORK_FRESHNESS_H
#define CASEWORK_FRESHNESS_H

/* Values of an answer's fields; NULL where it has none. */
struct freshness {
	const char *cache_control; /* all lines of it, joined by commas */
	const char *age, *date, *expires;
};

/*
 * Seconds, 0 if it is not to be kept; -1 if the answer says nothing. A list or
 * a date that is malformed says that it is old.
 */
long freshness_seconds(const struct freshness *);

#endif
