/*
 * Something that many want to hold and that there is only so much of: bytes,
 * connections, places in a queue. No key may hold more than its share, so that
 * what one holds, the others keep.
 */
#ifndef CASEWORK_SHARE_H
#define CASEWORK_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#define SHARE_KEY_MAX 64 /* bytes, with its NUL: "contact:17", an address */
#define SHARE_PLACES  1024

struct share_holder;

/* Set all and each, zero the rest. Costs memory only for who holds something.
 */
struct shares {
	size_t		     all;   /* most that is held together */
	size_t		     each;  /* most that one key holds */
	size_t		     taken; /* by everybody */
	struct share_holder *holder[SHARE_PLACES];
};

/* False, and nothing is taken, if it is more than what is left for the key. */
bool share_take(struct shares *, const char *key, size_t amount);
/* Of what the key has taken. */
void share_give(struct shares *, const char *key, size_t amount);
/* What the key holds. */
size_t share_held(const struct shares *, const char *key);

#endif
