/*
 * Making tokens, for the command line and the tests.
 */
#ifndef CASEWORK_AUTH_MINT_H
#define CASEWORK_AUTH_MINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * A token for sub ("contact:1") signed with the first HS256 key of the list,
 * valid for lifetime seconds from now. scope NULL means every scope of that
 * kind. malloc()ed; NULL with a line in err.
 */
char *auth_mint(const char *sub, const char *scope, const char *actor,
    int64_t now, int64_t lifetime, char *err, size_t errlen);

#endif
