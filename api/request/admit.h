/*
 * Who is calling.
 */
#ifndef CASEWORK_ADMIT_H
#define CASEWORK_ADMIT_H

#include <stdbool.h>

#include "request.h"

/* Sets caller; false after fail(). */
bool request_admit(struct request *);

#endif
