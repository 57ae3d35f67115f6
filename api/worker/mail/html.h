/*
 * The HTML part of a mail, made of its text: pure, text in and text out.
 */
#ifndef CASEWORK_HTML_H
#define CASEWORK_HTML_H

#include <stddef.h>

#include "arena.h"

struct html_text {
	const char	  *title;
	const char	  *text; /* UTF-8, lines end with \n */
	const char *const *own;	 /* URLs whose pages may be linked; ends NULL */
};

/*
 * A whole document that says what the text says and loads nothing. Nothing of
 * the text is markup; of its URLs only those below one of own are links.
 */
const char *html_build(struct arena *, const struct html_text *);

#endif
