/*
 * Where an issuer's metadata are, by its name.
 */
#ifndef CASEWORK_WELL_KNOWN_H
#define CASEWORK_WELL_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Behind the issuer: OpenID Connect Discovery 1.0, 4. False if the issuer is no
 * http(s) URL of a host without query and fragment, or the result does not fit.
 */
bool well_known_openid(const char *issuer, char *url, size_t size);
/* Between host and path: RFC 8414 3.1. False as above. */
bool well_known_oauth(const char *issuer, char *url, size_t size);

#endif
