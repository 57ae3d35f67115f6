/*
 * The bytes of an import, in pieces of any size, as text: UTF-8 with or without
 * a byte order mark, or UTF-16 with one, as Excel writes "Unicode text". What
 * readers see is sound UTF-8 without NUL, whose lines end in LF or CR LF: a CR
 * alone, as of old Macs, becomes a LF.
 */
#ifndef CASEWORK_IMPORT_TEXT_H
#define CASEWORK_IMPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT_RECORD_MAX 65536 /* bytes of UTF-8 */

struct import_text {
	int  line;  /* in which the next character stands, from 1 */
	bool ended; /* there is no more than what can be seen */
	/* private */
	enum { TEXT_UNKNOWN, TEXT_UTF8, TEXT_LITTLE, TEXT_BIG } encoding;
	char	      head[3];
	size_t	      nhead;
	char	     *bytes; /* with a NUL behind */
	size_t	      taken, sound, len, room;
	int	      sound_line; /* where sound ends */
	unsigned char half;	  /* of a unit of UTF-16 */
	bool	      has_half;
	uint32_t      high; /* a surrogate that waits for its other; 0: none */
	char	      fault[160];
};

void import_text_init(struct import_text *);
void import_text_free(struct import_text *);
/* NULL, or a sentence that names the line; nothing may be asked of it then. */
const char *import_text_add(struct import_text *, const char *, size_t);
/* There are no more bytes. NULL, or a sentence. */
const char *import_text_end(struct import_text *);
/* What there is to read; it stays until the next call of another function. */
const char *import_text_at(const struct import_text *, size_t *len);
/* That much of it has been read. */
void import_text_take(struct import_text *, size_t);

#endif
