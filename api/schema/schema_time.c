/*
 * Dates and times (RFC 3339). PostgreSQL rounds what is finer than a
 * microsecond, and knows neither offsets from 16 hours nor years behind 9999:
 * a time that it would not read as it was meant is told to it in UTC.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schema_internal.h"

#define DAY_MINUTES	 (24 * 60)
#define MICRO_DIGITS	 6
#define PLAIN_ZONE_HOURS 15 /* as PostgreSQL has them */

struct moment {
	int    minute; /* of the day in UTC, which may be another day */
	int    second; /* 60: a leap second */
	size_t digits; /* of a fraction, which begins at 20 */
	int    zone_hours;
};

static bool read_moment(const char *, size_t, struct moment *);
static bool read_zone(const char *, size_t, struct moment *);
static int  number(const char *, size_t);

bool
schema_date(const char *s, size_t len)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int		 year, month, day, last;

	if (len != 10 || s[4] != '-' || s[7] != '-')
		return false;
	year = number(s, 4);
	month = number(s + 5, 2);
	day = number(s + 8, 2);
	if (year < 1 || month < 1 || month > 12)
		return false;
	last = days[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		last = 29;
	return day >= 1 && day <= last;
}

/* A leap second is the last one of a day in UTC, whichever day it may be. */
bool
schema_date_time(const char *s, size_t len)
{
	struct moment m;
	int	      minute;

	if (!read_moment(s, len, &m))
		return false;
	minute = (m.minute + DAY_MINUTES) % DAY_MINUTES;
	if (m.second == 60 && minute != DAY_MINUTES - 1)
		return false;
	return !(m.minute < 0 && strncmp(s, "0001-01-01", 10) == 0) &&
	    !(m.minute + m.second / 60 >= DAY_MINUTES &&
		strncmp(s, "9999-12-31", 10) == 0);
}

/*
 * A leap second becomes the first second of the next day, as in the time of
 * computers, which has none.
 */
bool
schema_plain_time(const char *s, size_t len, char *out)
{
	struct moment m;
	struct tm     at;
	time_t	      seconds;
	size_t	      n;

	if (!read_moment(s, len, &m) ||
	    (m.digits <= MICRO_DIGITS && m.second < 60 &&
		m.zone_hours <= PLAIN_ZONE_HOURS))
		return false;
	at = (struct tm){ .tm_year = number(s, 4) - 1900,
		.tm_mon = number(s + 5, 2) - 1,
		.tm_mday = number(s + 8, 2) };
	seconds = timegm(&at) + m.minute * 60 + m.second;
	(void)gmtime_r(&seconds, &at);
	n = (size_t)sprintf(out, "%04d-%02d-%02dT%02d:%02d:%02d",
	    at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
	    at.tm_sec);
	if (m.digits > MICRO_DIGITS)
		m.digits = MICRO_DIGITS;
	if (m.digits > 0)
		n += (size_t)sprintf(out + n, ".%.*s", (int)m.digits, s + 20);
	strcpy(out + n, "Z");
	return true;
}

/* RFC 3339, section 5.6. */
static bool
read_moment(const char *s, size_t len, struct moment *m)
{
	int    hour, minute;
	size_t at = 19;

	if (len < 20 || !schema_date(s, 10) || (s[10] != 'T' && s[10] != 't') ||
	    s[13] != ':' || s[16] != ':')
		return false;
	hour = number(s + 11, 2);
	minute = number(s + 14, 2);
	m->second = number(s + 17, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    m->second < 0 || m->second > 60)
		return false;
	m->digits = 0;
	if (s[at] == '.') {
		while (++at < len && isdigit((unsigned char)s[at]))
			m->digits++;
		if (m->digits == 0)
			return false;
	}
	m->minute = hour * 60 + minute;
	return read_zone(s + at, len - at, m);
}

static bool
read_zone(const char *s, size_t len, struct moment *m)
{
	int hours, minutes, offset;

	m->zone_hours = 0;
	if (len == 1)
		return *s == 'Z' || *s == 'z';
	if (len != 6 || (*s != '+' && *s != '-') || s[3] != ':')
		return false;
	hours = number(s + 1, 2);
	minutes = number(s + 4, 2);
	offset = hours * 60 + minutes;
	m->zone_hours = hours;
	m->minute -= *s == '+' ? offset : -offset;
	return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59;
}

/* The number of exactly len digits, or -1. */
static int
number(const char *s, size_t len)
{
	int value = 0;

	for (; len > 0; len--, s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		value = value * 10 + (*s - '0');
	}
	return value;
}
