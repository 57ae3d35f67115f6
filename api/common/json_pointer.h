/*
 * JSON Pointer (RFC 6901).
 */
#ifndef CASEWORK_JSON_POINTER_H
#define CASEWORK_JSON_POINTER_H

#include <jansson.h>
#include <stddef.h>

/*
 * What "/a/0/b~1c" names in the value, which "" names itself. NULL if it names
 * nothing, or is no pointer. Borrowed.
 */
const json_t *json_pointer_get(const json_t *, const char *pointer);
/*
 * Writes len bytes of a member's name as one step of a pointer, without its
 * slash and without a NUL; returns where it ends. It takes up to 2 * len bytes.
 */
char *json_pointer_add(char *out, const char *name, size_t len);

#endif
