/*
 * Names of files. They come from people and go to other people's disks: one
 * that is a path, that some common disk does not take, or that shows something
 * else than it is, is refused and not repaired.
 */
#ifndef CASEWORK_FILENAME_H
#define CASEWORK_FILENAME_H

#define FILENAME_BYTES_MAX 255 /* of UTF-8: ext4, APFS; NTFS takes more */

/* What is wrong with the name, a sentence; NULL: nothing. */
const char *filename_fault(const char *name);

#endif
