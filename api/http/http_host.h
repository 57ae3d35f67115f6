/*
 * Host, and the authority of an absolute target: uri-host [ ":" port ]
 * (RFC 9110 7.2, RFC 3986 3.2.2).
 */
#ifndef CASEWORK_HTTP_HOST_H
#define CASEWORK_HTTP_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of it is a host that is not empty, with a port or without. */
bool http_is_host(const char *, size_t len);

#endif
