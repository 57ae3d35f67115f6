/*
 * Which casework this is, told alike by both programs.
 */
#ifndef CASEWORK_VERSION_H
#define CASEWORK_VERSION_H

extern const char version_text[]; /* "1.2.3 (commit abcdef0)" */

/* The names of sql/schema, as PostgreSQL writes an array. */
extern const char version_migrations[];

/* The gauge casework_build_info, in the text format of Prometheus. */
extern const char version_metric[];

#endif
