/*
 * What Unicode says of a character, by a table that is made at build time of
 * Debian's unicode-data (openapi/characters.py): which show nothing, and which
 * have no place in a line. The one answer for JSON, forms, parameters and names
 * of files.
 */
#ifndef CASEWORK_UNICODE_H
#define CASEWORK_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* Each shows nothing. */
enum unicode_property {
	UNICODE_WHITE_SPACE = 1 << 0, /* White_Space */
	UNICODE_IGNORABLE = 1 << 1,   /* Default_Ignorable_Code_Point */
	UNICODE_CONTROL = 1 << 2,     /* Cc, the tab and line ends too */
	UNICODE_LINE_END = 1 << 3,    /* Zl, Zp */
	UNICODE_BIDI = 1 << 4,	      /* Bidi_Control: turns the direction */
	UNICODE_FORMAT = 1 << 5,      /* Cf, but marks in front of digits */
	UNICODE_BLANK = 1 << 6,	      /* U+2800 and others drawn as nothing */
};

/* What a text of one line has no place for. */
#define UNICODE_UNFIT (UNICODE_CONTROL | UNICODE_LINE_END | UNICODE_BIDI)

/* Of a character: bits of enum unicode_property; 0: it can be seen. */
unsigned unicode_properties(uint32_t character);

/* Whether anything in a text can be seen. The text is UTF-8, as all that is
   read from a request. */
bool unicode_shows(const char *text);

/* The properties of all its characters together; a line has none that are in
   UNICODE_UNFIT. */
unsigned unicode_holds(const char *text);

#endif
