/*
 * The price of the log. A line for each request is what an operator wants, but
 * not 40,000 a second of somebody who is refused each time: each key has so
 * many lines a second, and what is left out is counted.
 */
#ifndef CASEWORK_LOG_LIMIT_H
#define CASEWORK_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Lines a second of one address without a caller; 0 is no limit. */
void log_limit_start(long lines);
/*
 * Whether a line may be written; key is a caller who is known, or else a
 * source. now is monotonic, in microseconds.
 */
bool log_limit_take(const char *key, bool known, int status, int64_t now);
/* Call at least once a second: says what was left out, once a second. */
void log_limit_report(int64_t now);

#endif
