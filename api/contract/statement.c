/*
 * The files of sql/api → statements → texts. The reader knows just enough of
 * SQL to leave quoted text, comments and casts alone.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"
#include "variant.h"

struct line {
	const char *text;
	size_t	    len;
	int	    only_if; /* parameter, or -1 */
};

static struct statement *statements;
static size_t		 nstatements;

static void  forget(void);
static void *grow(void *, size_t, size_t);
static bool  read_name(const char *, size_t, char *, size_t);
static int   add_line(struct statement *, const char *, size_t, char *, size_t);
static int   find_parameter(struct statement *, const char *, size_t);
static const char *next_parameter(const char *, const char *, size_t *);

int
statement_load(const char *text, size_t len, char *err, size_t errlen)
{
	const char	 *line, *eol, *end = text + len;
	struct statement *s = NULL;
	char		  name[128];

	forget();
	for (line = text; line < end; line = eol + 1) {
		eol = memchr(line, '\n', (size_t)(end - line));
		if (eol == NULL)
			eol = end;
		if (read_name(line, (size_t)(eol - line), name, sizeof(name))) {
			if (statement_find(name) != NULL) {
				snprintf(err, errlen,
				    "statement %s is given twice", name);
				return -1;
			}
			statements =
			    grow(statements, nstatements, sizeof(*statements));
			s = &statements[nstatements++];
			memset(s, 0, sizeof(*s));
			s->name = strdup(name);
			continue;
		}
		if (s != NULL &&
		    add_line(s, line, (size_t)(eol - line), err, errlen) == -1)
			return -1;
	}
	for (s = statements; s < statements + nstatements; s++) {
		if (s->nlines == 0) {
			snprintf(err, errlen, "statement %s is empty", s->name);
			return -1;
		}
	}
	return 0;
}

bool
statement_enclose(struct statement *s, const char *before, const char *behind)
{
	char	    err[128];
	struct line first;

	if (add_line(s, before, strlen(before), err, sizeof(err)) == -1 ||
	    add_line(s, behind, strlen(behind), err, sizeof(err)) == -1)
		return false;
	first = s->lines[s->nlines - 2];
	memmove(&s->lines[1], &s->lines[0],
	    (s->nlines - 2) * sizeof(s->lines[0]));
	s->lines[0] = first;
	return true;
}

struct statement *
statement_find(const char *name)
{
	size_t i;

	for (i = 0; i < nstatements; i++)
		if (strcmp(statements[i].name, name) == 0)
			return &statements[i];
	return NULL;
}

size_t
statement_count(void)
{
	return nstatements;
}

struct statement *
statement_at(size_t i)
{
	return &statements[i];
}

void
statement_print(const struct statement *s)
{
	size_t i;

	for (i = 0; i < s->nlines; i++)
		if (s->lines[i].only_if < 0)
			printf("%.*s\n", (int)s->lines[i].len,
			    s->lines[i].text);
}

size_t
statement_size(const struct statement *s)
{
	size_t i, size = 1;

	for (i = 0; i < s->nlines; i++)
		size += s->lines[i].len * 2 + 1;
	return size;
}

void
statement_build(const struct statement *s, const struct statement_set *present,
    char *sql, struct variant *v)
{
	uint8_t	    number[STATEMENT_PARAMS_MAX] = { 0 };
	const char *p, *name, *end;
	size_t	    i, n, k;

	v->query.sql = sql;
	v->query.nparams = 0;
	for (i = 0; i < s->nlines; i++) {
		const struct line *l = &s->lines[i];

		if (l->only_if >= 0 &&
		    !statement_set_has(present, (size_t)l->only_if))
			continue;
		end = l->text + l->len;
		for (p = l->text; (name = next_parameter(p, end, &n)) != NULL;
		     p = name + n) {
			for (k = 0; strncmp(s->params[k], name, n) != 0 ||
			     s->params[k][n] != '\0';
			     k++)
				;
			if (number[k] == 0) {
				v->params[v->query.nparams] = (uint8_t)k;
				number[k] = (uint8_t)++v->query.nparams;
			}
			memcpy(sql, p, (size_t)(name - 1 - p));
			sql += name - 1 - p;
			sql += sprintf(sql, "$%d", number[k]);
		}
		memcpy(sql, p, (size_t)(end - p));
		sql += end - p;
		*sql++ = '\n';
	}
	*sql = '\0';
}

/* What an earlier load left. */
static void
forget(void)
{
	struct statement *s;
	size_t		  i;

	variant_forget();
	for (s = statements; s < statements + nstatements; s++) {
		for (i = 0; i < s->nparams; i++)
			free((char *)(uintptr_t)s->params[i]);
		free((char *)(uintptr_t)s->name);
		free(s->lines);
	}
	free(statements);
	statements = NULL;
	nstatements = 0;
}

/* Room for one element more; allocates or dies. */
static void *
grow(void *array, size_t count, size_t size)
{
	if ((count & (count - 1)) == 0)
		array = realloc(array, (count == 0 ? 1 : count * 2) * size);
	if (array == NULL)
		abort();
	return array;
}

/* "-- name: get_case" */
static bool
read_name(const char *line, size_t len, char *name, size_t size)
{
	static const char mark[] = "-- name:";
	size_t		  n = sizeof(mark) - 1, i;

	if (len < n || memcmp(line, mark, n) != 0)
		return false;
	while (n < len && line[n] == ' ')
		n++;
	for (i = 0; n + i < len && i < size - 1 &&
	     (isalnum((unsigned char)line[n + i]) || line[n + i] == '_');
	     i++)
		name[i] = line[n + i];
	name[i] = '\0';
	return i > 0;
}

static int
add_line(struct statement *s, const char *text, size_t len, char *err,
    size_t errlen)
{
	const char *p, *mark, *name;
	struct line line = { .text = text, .only_if = -1 };
	size_t	    n, code;

	/* The code of the line ends where a comment starts. */
	mark = memmem(text, len, "--", 2);
	code = mark == NULL ? len : (size_t)(mark - text);
	if (mark != NULL && memcmp(mark, "--?", 3) == 0) {
		for (p = mark + 3; p < text + len && *p == ' '; p++)
			;
		for (n = 0; p + n < text + len &&
		     (isalnum((unsigned char)p[n]) || p[n] == '_');
		     n++)
			;
		if (n == 0 || (line.only_if = find_parameter(s, p, n)) < 0) {
			snprintf(err, errlen,
			    "statement %s: a line ends in "
			    "--? without a name, or has too many",
			    s->name);
			return -1;
		}
		statement_set_add(&s->optional, (size_t)line.only_if);
	}
	while (code > 0 && isspace((unsigned char)text[code - 1]))
		code--;
	if (code == 0)
		return 0;
	if (text[code - 1] == ';')
		code--;
	for (p = text; (name = next_parameter(p, text + code, &n)) != NULL;
	     p = name + n) {
		if (find_parameter(s, name, n) < 0) {
			snprintf(err, errlen,
			    "statement %s has more than %d parameters", s->name,
			    STATEMENT_PARAMS_MAX);
			return -1;
		}
	}
	line.len = code;
	s->lines = grow(s->lines, s->nlines, sizeof(*s->lines));
	s->lines[s->nlines++] = line;
	return 0;
}

/* The parameter's number, new if need be; -1 when there are too many. */
static int
find_parameter(struct statement *s, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < s->nparams; i++)
		if (strlen(s->params[i]) == len &&
		    memcmp(s->params[i], name, len) == 0)
			return (int)i;
	if (s->nparams == STATEMENT_PARAMS_MAX)
		return -1;
	s->params[s->nparams] = strndup(name, len);
	return (int)s->nparams++;
}

/* The next :name outside quotes that is not a ::cast; NULL at the end. */
static const char *
next_parameter(const char *p, const char *end, size_t *len)
{
	char quote = '\0';

	for (; p < end; p++) {
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '\'' || *p == '"') {
			quote = *p;
		} else if (*p == ':' && p + 1 < end && p[1] == ':') {
			p++;
		} else if (*p == ':' && p + 1 < end &&
		    (islower((unsigned char)p[1]) || p[1] == '_')) {
			for (*len = 1; p + 1 + *len < end &&
			     (isalnum((unsigned char)p[1 + *len]) ||
				 p[1 + *len] == '_');
			     (*len)++)
				;
			return p + 1;
		}
	}
	return NULL;
}
