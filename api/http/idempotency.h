/*
 * The header Idempotency-Key.
 */
#ifndef CASEWORK_IDEMPOTENCY_H
#define CASEWORK_IDEMPOTENCY_H

#include <stddef.h>

#include "arena.h"
#include "fields.h"

/*
 * Reads the key in a header's value: a structured-field String (RFC 9651
 * 3.3.3), or the same without its quotes, as many clients send it; printable
 * ASCII, 1 to 255 characters.
 */
field_reader idempotency_key;

struct idempotency_part {
	const void *bytes;
	size_t	    len;
};

/* Takes the secret of that file: 0, or -1 with a line in err. */
int idempotency_load(const char *file, char *err, size_t errlen);

/*
 * HMAC-SHA256 in hex, in the arena, of parts that never run into each other:
 * each counts after its length. Dies when out of memory.
 */
const char *idempotency_fingerprint(struct arena *,
    const struct idempotency_part *, size_t nparts);

#endif
