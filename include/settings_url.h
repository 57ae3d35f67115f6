/*
 * URLs and addresses among the settings, written in one way: other text is put
 * behind them. What they are replaced by stays.
 */
#ifndef CASEWORK_SETTINGS_URL_H
#define CASEWORK_SETTINGS_URL_H

#include <stddef.h>

/*
 * "", or an http(s) URL that a path can be appended to: without a slash at its
 * end, scheme and host in lower case, whatever was set. 0, or -1 with a line in
 * err.
 */
int settings_url_read(const char *name, const char **value, char *err,
    size_t errlen);
/* Origins as browsers write them (RFC 6454 6.2), comma separated, or "*". */
int settings_url_read_origins(const char *name, const char **value, char *err,
    size_t errlen);
/* An address to listen on, without the brackets of one in a URL. */
void settings_url_read_bind(const char **value);
/* Where somebody on this machine reaches what listens there. */
void settings_url_make(char *url, size_t size, const char *bind,
    const char *port);

#endif
