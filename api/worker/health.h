/*
 * The thread that answers /livez, /readyz and /metrics.
 */
#ifndef CASEWORK_HEALTH_H
#define CASEWORK_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct health_settings {
	const char *bind, *port;
};

/*
 * Opens the socket that health_run() answers on; /readyz tells what ready()
 * says, and with ?verbose what that writes. 0, or -1 with a line in err.
 */
int   health_open(const struct health_settings *, bool (*ready)(FILE *),
      char *err, size_t errlen);
void *health_run(void *);

#endif
