/*
 * Where reading a JSON text has come to: between json_read.c, json_string.c and
 * json_number.c.
 */
#ifndef CASEWORK_JSON_READER_H
#define CASEWORK_JSON_READER_H

#include <stdint.h>

#include "json.h"

#define JSON_NUMBER_MAX	  128	/* characters; no value of ours needs 30 */
#define JSON_EXPONENT_MAX 10000 /* what lies beyond is as far away */

struct json_reader {
	const char *p, *end;
	size_t	    values, values_max;
	int	    depth;
	const char *fault; /* a sentence without its end */
	const char *at;	   /* where it is */
	bool	    by_byte;
	bool	    respelled; /* there is an integer like 1e2 */
};

/*
 * Reads the string whose quote is next. Its text is where it stands, or, if it
 * has escapes, a copy to be freed. False after a fault; there is no copy then.
 */
bool json_read_text(struct json_reader *, const char **text, size_t *len,
    char **copy);
/* Whether a number, a text of JSON_NUMBER_MAX characters at most, is whole and
   has room in 64 bits. */
bool json_whole(const char *, json_int_t *);
/* Without a sentence it is a fault of syntax. The first one stays. NULL. */
void *json_refuse(struct json_reader *, const char *sentence, const char *at);

#endif
