/*
 * Files that are part of the binary (embedded.S).
 */
#ifndef CASEWORK_EMBEDDED_H
#define CASEWORK_EMBEDDED_H

extern const char embedded_openapi_json[];
extern const char embedded_openapi_json_end[];
extern const char embedded_openapi_yaml[];
extern const char embedded_openapi_yaml_end[];
extern const char embedded_statements[];
extern const char embedded_statements_end[];

#endif
