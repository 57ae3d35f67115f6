/*
 * Which addresses the service may connect to when somebody else names the
 * host: public ones, and those that the operator allows. Judged after the name
 * was resolved, at the moment of connecting (OWASP API7:2023).
 */
#ifndef CASEWORK_ADDRESS_H
#define CASEWORK_ADDRESS_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads what is allowed besides: "127.0.0.0/8,fd00::/8", or "". 0, or -1 with a
 * line in err.
 */
int address_allow(const char *list, char *err, size_t errlen);
/* False for every family but IPv4 and IPv6. */
bool address_permitted(const struct sockaddr *);

#endif
