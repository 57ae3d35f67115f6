/*
 * The thread of the public status files.
 */
#ifndef CASEWORK_PUBLISHER_H
#define CASEWORK_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "statuspage.h"

/* 0, or -1 with a line in err: the directory cannot be written. */
int   publisher_init(const struct statuspage_settings *, char *err,
      size_t errlen);
void *publisher_run(void *);
/*
 * Whether the last turn went well; a line says so, or why not, to the stream
 * unless that is NULL. Without a directory there is nothing to say.
 */
bool publisher_is_well(FILE *);

#endif
