/*
 * What systemd wants to be told (sd_notify(3)): datagrams to the socket that
 * it names in the environment. Without one nobody is told anything.
 */
#ifndef CASEWORK_NOTIFY_H
#define CASEWORK_NOTIFY_H

/* Once, in the process that systemd started, before there are others. */
void notify_start(void);
/* As "READY=1". May be called by a handler of signals. */
void notify(const char *state);

#endif
