/*
 * Whose files the programs leave. Started as root, once and by mistake, they
 * would leave some that their own account can neither write nor read.
 */
#ifndef CASEWORK_OWNER_H
#define CASEWORK_OWNER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Until owner_end() this thread opens and makes files as the owner of the
 * directory; where that is root, as that of the file in it, if it is there
 * (NULL: none). Of a directory that is not there yet its parent counts. For who
 * is not root nothing changes. False with a sentence in err.
 */
bool owner_begin(const char *directory, const char *file, char *err,
    size_t errlen);
/* The same for a file by its path. */
bool owner_begin_file(const char *path, char *err, size_t errlen);
/* errno stays. */
void owner_end(void);
/*
 * Whether this account may serve: root only if that is wished for (RUN_AS_ROOT
 * is allow, not refuse). False with a sentence in err.
 */
bool owner_may_serve(const char *wish, char *err, size_t errlen);

#endif
