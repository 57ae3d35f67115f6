/*
 * Which addresses the service may connect to when somebody else names the
 * host: public ones, and those that the operator allows. Judged after the name
 * was resolved, at the moment of connecting (OWASP API7:2023).
 */
#ifndef CASEWORK_ADDRESS_H
#define CASEWORK_ADDRESS_H

#include <sys/socket.h>

#include <stdbool.h>

#include "network.h"

/* False for every family but IPv4 and IPv6. */
bool address_permitted(const struct networks *allowed, const struct sockaddr *);
/* Whether it is one that the operator allows, public or not. */
bool address_inside(const struct networks *allowed, const struct sockaddr *);

#endif
