/*
 * What the client wants to be answered in.
 */
#ifndef CASEWORK_ACCEPT_H
#define CASEWORK_ACCEPT_H

#include <stdbool.h>

#include "request.h"

/*
 * False after fail() when nothing that there is is acceptable, or when Accept
 * cannot be read. A download is given whatever Accept says.
 */
bool request_choose_type(struct request *);

#endif
