/*
 * The scopes (RFC 6749 §3.3) that the document knows, a bit each. What a
 * provider grants besides means nothing here.
 */
#ifndef CASEWORK_SCOPES_H
#define CASEWORK_SCOPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCOPES_MAX 64

/* At start. The bit of that name, which must stay; 0 if there are too many. */
uint64_t scopes_learn(const char *name);
/* Each that was learned, from 0 on; NULL: there are no more. */
const char *scopes_name(size_t index);
/*
 * Adds the bits of a list with single spaces between, or of nothing. Whether it
 * is one.
 */
bool scopes_add(uint64_t *scopes, const char *list, size_t len);

#endif
