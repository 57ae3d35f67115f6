/*
 * The log of a program with threads.
 */
#ifndef CASEWORK_THREAD_LOG_H
#define CASEWORK_THREAD_LOG_H

/* Like log_event(), from any thread. */
void thread_log(const char *event, const char *subject, const char *detail);
void thread_log_reopen(void);

#endif
