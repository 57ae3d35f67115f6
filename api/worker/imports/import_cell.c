/*
 * Whether a date exists is the schema's to say; here it only gets another form.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "import_cell.h"

#define DIGITS	   "0123456789"
#define DATE_BYTES 11
#define TIME_BYTES 48

struct clock {
	int hour, minute, second;
	int fraction; /* characters of it, with the point */
};

static bool	   read_date(const char **, char *);
static bool	   read_slashes(const char **, char *);
static bool	   read_clock(const char **, struct clock *, const char **);
static bool	   read_half(const char **, struct clock *);
static bool	   number(const char **, size_t, size_t, int *);
static bool	   read_time(const char *, char *);
static const char *fault_of(const char *, bool);

json_t *
import_cell(const struct schema *s, const char *text, bool *local,
    const char **fault)
{
	const char *format = schema_column_format(s), *rest = text;
	bool	    is_time = strcmp(format, "date-time") == 0;
	char	    date[DATE_BYTES], time[TIME_BYTES];

	*local = false;
	*fault = NULL;
	if (!is_time && strcmp(format, "date") != 0)
		return schema_read_cell(s, text);
	if (is_time && read_time(text, time)) {
		*local = true;
		return json_string(time);
	}
	/* a spreadsheet may write midnight behind a date */
	if (!is_time && read_time(text, time) &&
	    strcmp(time + DATE_BYTES - 1, "T00:00:00Z") == 0 &&
	    read_date(&rest, date))
		return json_string(date);
	*fault = fault_of(text, is_time);
	return schema_read_cell(s, text);
}

/* What stands there looks like a date of a spreadsheet, and is none. */
static const char *
fault_of(const char *text, bool is_time)
{
	if (strchr(text, '/') == NULL)
		return NULL;
	return is_time ?
	    "Must be month/day/year and a time, as in \"1/5/2026 14:30\" for "
	    "the 5th of January, or like \"2026-01-05T14:30:00-06:00\"." :
	    "Must be month/day/year, as in \"1/5/2026\" for the 5th of "
	    "January, or like \"2026-01-05\".";
}

/* All of the text, without an offset. */
static bool
read_time(const char *text, char *out)
{
	struct clock clock = { 0 };
	const char  *fraction = "";
	char	     date[DATE_BYTES];

	if (!read_date(&text, date))
		return false;
	if (*text != '\0' && !read_clock(&text, &clock, &fraction))
		return false;
	if (*text != '\0')
		return false;
	snprintf(out, TIME_BYTES, "%sT%02d:%02d:%02d%.*sZ", date, clock.hour,
	    clock.minute, clock.second, clock.fraction, fraction);
	return true;
}

/* As 2026-01-05, whichever of both it is. */
static bool
read_date(const char **text, char *out)
{
	const char *at = *text;
	int	    year, month, day;

	if (number(&at, 4, 4, &year) && *at++ == '-' &&
	    number(&at, 2, 2, &month) && *at++ == '-' &&
	    number(&at, 2, 2, &day)) {
		snprintf(out, DATE_BYTES, "%.10s", *text);
		*text = at;
		return true;
	}
	return read_slashes(text, out);
}

static bool
read_slashes(const char **text, char *out)
{
	const char *at = *text;
	int	    year, month, day;

	if (!number(&at, 1, 2, &month) || *at++ != '/' ||
	    !number(&at, 1, 2, &day) || *at++ != '/' ||
	    !number(&at, 4, 4, &year) || month > 12)
		return false;
	snprintf(out, DATE_BYTES, "%04u-%02u-%02u", (unsigned)year % 10000,
	    (unsigned)month % 100, (unsigned)day % 100);
	*text = at;
	return true;
}

/* T14:30:00.5, or 2:30 PM. */
static bool
read_clock(const char **text, struct clock *clock, const char **fraction)
{
	const char *at = *text;
	size_t	    digits;

	if (*at != ' ' && *at != 'T' && *at != 't')
		return false;
	at += 1 + strspn(at + 1, " ");
	if (!number(&at, 1, 2, &clock->hour) || *at++ != ':' ||
	    !number(&at, 2, 2, &clock->minute))
		return false;
	if (*at == ':') {
		at++;
		if (!number(&at, 2, 2, &clock->second))
			return false;
		digits = *at == '.' ? strspn(at + 1, DIGITS) : 0;
		if (digits > 0 && digits <= 9) {
			*fraction = at;
			clock->fraction = (int)digits + 1;
			at += clock->fraction;
		}
	}
	at += strspn(at, " ");
	*text = at;
	return *at == '\0' || read_half(text, clock);
}

static bool
read_half(const char **text, struct clock *clock)
{
	bool after = strcasecmp(*text, "pm") == 0;

	if ((!after && strcasecmp(*text, "am") != 0) || clock->hour < 1 ||
	    clock->hour > 12)
		return false;
	clock->hour = clock->hour % 12 + (after ? 12 : 0);
	*text += 2;
	return true;
}

/* So many digits, with none behind. */
static bool
number(const char **text, size_t least, size_t most, int *value)
{
	size_t digits = strspn(*text, DIGITS);

	if (digits < least || digits > most)
		return false;
	for (*value = 0; digits > 0; digits--)
		*value = *value * 10 + (*(*text)++ - '0');
	return true;
}
