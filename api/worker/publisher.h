/*
 * The thread of the public status files.
 */
#ifndef CASEWORK_PUBLISHER_H
#define CASEWORK_PUBLISHER_H

#include <stddef.h>

#include "statuspage.h"

/* 0, or -1 with a line in err: the directory cannot be written. */
int   publisher_init(const struct statuspage_settings *, char *err,
      size_t errlen);
void *publisher_run(void *);

#endif
