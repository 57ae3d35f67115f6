/*
 * A record is scanned for its end, each byte once however it comes, and then
 * taken apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static enum import_found find_separator(struct csv *, struct import_text *);
static char		 most_frequent(const char *, size_t);
static bool		 says_separator(struct csv *, const char *, size_t);
static bool		 find_end(struct csv *, const char *, size_t);
static enum csv_state	 follow(enum csv_state, char, char);
static bool		 is_blank(char);
static void		 split(struct csv *, struct import_record *);
static char *end_field(struct csv *, struct import_record *, char *, char *);
static void  trim(char **, char **);
static void  drop_empty(struct csv *, struct import_record *);
static void  count(struct csv *, struct import_record *);
static bool  is_empty(const struct import_record *);
static void  refuse(struct csv *, struct import_record *, const char *);
static enum import_found give_up(struct csv *, struct import_record *, int,
    const char *);

enum import_found
csv_next(struct csv *c, struct import_text *t, struct import_record *r)
{
	const char	 *text;
	size_t		  len;
	enum import_found found;

	for (;;) {
		import_text_take(t, c->given);
		c->given = 0;
		found = find_separator(c, t);
		if (found == IMPORT_BROKEN)
			return give_up(c, r, t->line, "has no end");
		if (found != IMPORT_RECORD)
			return found;
		text = import_text_at(t, &len);
		if (len == 0 && t->ended)
			return IMPORT_END;
		if (find_end(c, text, len))
			c->given = c->scanned;
		else if (c->scanned <= IMPORT_RECORD_MAX && !t->ended)
			return IMPORT_MORE;
		else if (t->ended && c->state != CSV_QUOTED)
			c->given = len;
		else
			return give_up(c, r, t->line,
			    t->ended ? "has a quote that does not end" :
				       "has more than 65536 bytes; is a quote "
				       "missing");
		if (c->given > IMPORT_RECORD_MAX)
			return give_up(c, r, t->line,
			    "has more than 65536 bytes; is a quote missing");
		*r = (struct import_record){
			.line = t->line, .text = text, .len = c->given
		};
		split(c, r);
		c->scanned = 0;
		c->state = CSV_START;
		if (r->fault == NULL && is_empty(r))
			continue;
		count(c, r);
		return IMPORT_RECORD;
	}
}

void
csv_free(struct csv *c)
{
	free(c->plain);
	c->plain = NULL;
}

/* IMPORT_RECORD: it is known. Empty lines before the header are passed over. */
static enum import_found
find_separator(struct csv *c, struct import_text *t)
{
	const char *text, *end;
	size_t	    len, whole;

	while (c->separator == '\0') {
		text = import_text_at(t, &len);
		end = memchr(text, '\n', len);
		if (end == NULL && len > IMPORT_RECORD_MAX)
			return IMPORT_BROKEN;
		if (end == NULL && !t->ended)
			return IMPORT_MORE;
		if (len == 0)
			return IMPORT_END;
		whole = end == NULL ? len : (size_t)(end - text) + 1;
		len = end == NULL ? len : whole - 1;
		if (len > 0 && text[len - 1] == '\r')
			len--;
		if (len == 0 || says_separator(c, text, len))
			import_text_take(t, whole);
		else
			c->separator = most_frequent(text, len);
	}
	return IMPORT_RECORD;
}

/* What Excel reads and writes: sep=; alone in the first line. */
static bool
says_separator(struct csv *c, const char *text, size_t len)
{
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len != 5 || memcmp(text, "sep=", 4) != 0 ||
	    strchr(",;\t|", text[4]) == NULL)
		return false;
	c->separator = text[4];
	return true;
}

/* Names of columns hold none of them. */
static char
most_frequent(const char *text, size_t len)
{
	static const char separators[] = ",;\t";
	size_t		  seen[sizeof(separators)] = { 0 }, i, best = 0;
	const char	 *found;

	for (i = 0; i < len; i++)
		if (text[i] != '\0' &&
		    (found = strchr(separators, text[i])) != NULL)
			seen[found - separators]++;
	for (i = 1; separators[i] != '\0'; i++)
		if (seen[i] > seen[best])
			best = i;
	return separators[best];
}

/* Whether the record ends in the text; c->scanned is behind its line end. */
static bool
find_end(struct csv *c, const char *text, size_t len)
{
	while (c->scanned < len && c->scanned <= IMPORT_RECORD_MAX) {
		if (text[c->scanned] == '\n' && c->state != CSV_QUOTED) {
			c->scanned++;
			return true;
		}
		c->state = follow(c->state, text[c->scanned++], c->separator);
	}
	return false;
}

static enum csv_state
follow(enum csv_state state, char next, char separator)
{
	switch (state) {
	case CSV_START:
	case CSV_PLAIN:
		if (next == separator || (state == CSV_START && is_blank(next)))
			return CSV_START;
		return next == '"' && state == CSV_START ? CSV_QUOTED :
							   CSV_PLAIN;
	case CSV_QUOTED:
		return next == '"' ? CSV_CLOSED : CSV_QUOTED;
	case CSV_CLOSED:
		if (next == '"')
			return CSV_QUOTED;
		break;
	case CSV_AFTER:
		break;
	}
	return next == separator ? CSV_START :
	    is_blank(next)	 ? CSV_AFTER :
				   CSV_PLAIN;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The fields of a record that is whole. */
static void
split(struct csv *c, struct import_record *r)
{
	enum csv_state state = CSV_START, next;
	char	      *out, *begin;
	size_t	       i, len = r->len;

	if (len > 0 && r->text[len - 1] == '\n')
		len--;
	if (len > 0 && r->text[len - 1] == '\r')
		len--;
	if (c->plain == NULL)
		c->plain = malloc(IMPORT_RECORD_MAX + 1);
	if (c->plain == NULL)
		abort();
	r->fields = c->fields;
	c->fields[0] = out = begin = c->plain;
	for (i = 0; i < len; i++, state = next) {
		next = follow(state, r->text[i], c->separator);
		if (state != CSV_QUOTED && r->text[i] == c->separator) {
			begin = out = end_field(c, r, begin, out);
		} else if (next == CSV_PLAIN &&
		    (r->text[i] == '"' || state == CSV_CLOSED ||
			state == CSV_AFTER)) {
			refuse(c, r,
			    "has a quote within it: write it twice, "
			    "and the whole field in quotes");
		} else if (next == CSV_PLAIN ||
		    (next == CSV_QUOTED && state != CSV_START)) {
			*out++ = r->text[i];
		}
	}
	(void)end_field(c, r, begin, out);
}

/* What lies beyond is counted only. Where the next one begins. */
static char *
end_field(struct csv *c, struct import_record *r, char *begin, char *end)
{
	trim(&begin, &end);
	*end++ = '\0';
	if (r->nfields < CSV_FIELDS_MAX)
		c->fields[r->nfields] = begin;
	r->nfields++;
	return end;
}

/* Of blanks, line ends and no-break spaces, which nobody sees. */
static void
trim(char **begin, char **end)
{
	static const char unseen[] = " \t\r\n";

	for (;;) {
		if (*begin < *end && strchr(unseen, **begin) != NULL)
			(*begin)++;
		else if (*begin < *end && strchr(unseen, (*end)[-1]) != NULL)
			(*end)--;
		else if (*end - *begin >= 2 &&
		    memcmp(*begin, "\xc2\xa0", 2) == 0)
			*begin += 2;
		else if (*end - *begin >= 2 &&
		    memcmp(*end - 2, "\xc2\xa0", 2) == 0)
			*end -= 2;
		else
			return;
	}
}

/* A spreadsheet writes each column that was ever used, in each line. */
static void
drop_empty(struct csv *c, struct import_record *r)
{
	while (r->nfields > c->columns && r->nfields > 1 &&
	    r->nfields <= CSV_FIELDS_MAX && *r->fields[r->nfields - 1] == '\0')
		r->nfields--;
}

static void
count(struct csv *c, struct import_record *r)
{
	drop_empty(c, r);
	if (c->columns == 0)
		c->columns = r->nfields;
	if (r->fault != NULL || r->nfields == c->columns)
		return;
	snprintf(c->fault, sizeof(c->fault),
	    "The line has %zu fields, the header has %zu.", r->nfields,
	    c->columns);
	r->code = "columns";
	r->fault = c->fault;
}

static bool
is_empty(const struct import_record *r)
{
	size_t i;

	for (i = 0; i < r->nfields && i < CSV_FIELDS_MAX; i++)
		if (*r->fields[i] != '\0')
			return false;
	return true;
}

static void
refuse(struct csv *c, struct import_record *r, const char *why)
{
	if (r->fault != NULL)
		return;
	snprintf(c->fault, sizeof(c->fault), "Field %zu %s.", r->nfields + 1,
	    why);
	r->code = "quotes";
	r->fault = c->fault;
}

static enum import_found
give_up(struct csv *c, struct import_record *r, int line, const char *why)
{
	snprintf(c->fault, sizeof(c->fault),
	    "The record that begins in line %d %s.", line, why);
	*r = (struct import_record){ .line = line, .fault = c->fault };
	return IMPORT_BROKEN;
}
