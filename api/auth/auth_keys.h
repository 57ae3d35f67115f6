/*
 * The key list (KEYS_FILE), which fixes the algorithm of each kid.
 */
#ifndef CASEWORK_AUTH_KEYS_H
#define CASEWORK_AUTH_KEYS_H

#include <stddef.h>

/*
 * Reads the key list; keys are never logged. Returns 0, or -1 with one line
 * in err that names the file, the key and the fault. A failed reload keeps
 * the keys in use.
 */
int auth_load(const char *keys_file, const char *issuer, const char *audience,
    char *err, size_t errlen);
/*
 * Reloads when the file has changed since it was read. Call once a second. 1:
 * it has, 0: it has not, -1 as above.
 */
int auth_reload(char *err, size_t errlen);

#endif
