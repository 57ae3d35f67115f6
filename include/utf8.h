/*
 * UTF-8 (RFC 3629), strictly: the shortest form, no surrogates, nothing beyond
 * U+10FFFF. What another reader might decode otherwise is no character here.
 */
#ifndef CASEWORK_UTF8_H
#define CASEWORK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The character at text, which a NUL ends; its length in bytes, 0 when there is
 * none.
 */
size_t utf8_decode(const char *text, uint32_t *character);
/* Writes a character; its length in bytes, 4 at most. */
size_t utf8_encode(char *, uint32_t character);
/* How many characters len bytes of UTF-8 are. */
size_t utf8_length(const char *text, size_t len);
/*
 * How much of the text to show where it has max bytes at most: it is cut before
 * a character, not within one.
 */
size_t utf8_cut(const char *text, size_t max);
/* Whether the byte stands inside a character, not at its beginning. */
bool utf8_continues(char byte);

#endif
