/*
 * Structured field values (RFC 8941, RFC 9651), as far as fields here are made
 * of them: each function skips one thing that the text begins with and returns
 * what follows, or NULL where it is malformed.
 */
#ifndef CASEWORK_STRUCTURED_H
#define CASEWORK_STRUCTURED_H

/* Of a member or a parameter: lower case, a letter or * first. */
const char *structured_key(const char *);
/* ":" base64 ":" */
const char *structured_bytes(const char *);
/* An item of any type, without its parameters. */
const char *structured_item(const char *);
/* *( ";" *SP key [ "=" item ] ) */
const char *structured_parameters(const char *);

#endif
