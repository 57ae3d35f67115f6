/*
 * Where a request comes from.
 */
#ifndef CASEWORK_SOURCE_H
#define CASEWORK_SOURCE_H

struct request;

/*
 * The address of the client, as network_source() writes it. Of a connection
 * from one of TRUSTED_PROXIES it is the last address in X-Forwarded-For that is
 * none of these; what stands before that one, anybody may have written.
 */
const char *source_of(const struct request *);

#endif
