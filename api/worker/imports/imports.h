/*
 * The thread that runs imports, one after the other.
 */
#ifndef CASEWORK_IMPORTS_H
#define CASEWORK_IMPORTS_H

#include <stddef.h>

struct imports_settings {
	long batch; /* lines in one transaction; 0: no imports */
	long lease; /* seconds */
};

/*
 * The document, OpenAPI as JSON, has the schema of a record of each kind. 0, or
 * -1 with a line in err.
 */
int   imports_init(const struct imports_settings *, const char *document,
      size_t len, char *err, size_t errlen);
void *imports_run(void *);

#endif
