/*
 * Text into markup: what people wrote can be neither tag nor entity in HTML 5
 * or XML 1.0, nor make the document malformed.
 */
#ifndef CASEWORK_MARKUP_H
#define CASEWORK_MARKUP_H

#include <stdio.h>

/*
 * Writes the text so that it stands for itself between tags and in quoted
 * attributes. Bytes that are not UTF-8, and characters that XML 1.0 forbids or
 * that are controls, become U+FFFD; tab, newline and return stay.
 */
void markup_text(FILE *, const char *);

#endif
