/*
 * Handing a mail over into a directory, for whoever has no mail server.
 */
#ifndef CASEWORK_MAILDIR_H
#define CASEWORK_MAILDIR_H

#include <stddef.h>

#include "letter.h"

/* Makes the directories. 0, or -1 with a line in err. */
int	      maildir_make(const char *directory, char *err, size_t errlen);
enum delivery maildir_deliver(const char *directory, const struct letter *,
    char *err, size_t errlen);

#endif
