/*
 * Where reading a JSON text has come to: between json_read.c and json_string.c.
 */
#ifndef CASEWORK_JSON_READER_H
#define CASEWORK_JSON_READER_H

#include <stdint.h>

#include "json.h"

struct json_reader {
	const char *p, *end;
	size_t	    values, values_max;
	int	    depth;
	const char *fault; /* a sentence without its end */
	const char *at;	   /* where it is */
	bool	    by_byte;
};

/*
 * Reads the string whose quote is next. Its text is where it stands, or, if it
 * has escapes, a copy to be freed. False after a fault; there is no copy then.
 */
bool json_read_text(struct json_reader *, const char **text, size_t *len,
    char **copy);
/* Without a sentence it is a fault of syntax. The first one stays. NULL. */
void *json_refuse(struct json_reader *, const char *sentence, const char *at);

#endif
