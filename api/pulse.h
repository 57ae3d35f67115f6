/*
 * That the service is alive, for systemd. Every process that serves tells the
 * parent once a second, over the pipe that Kore has between them: both their
 * event loops have to turn for it. Private to main.c.
 */
#ifndef CASEWORK_PULSE_H
#define CASEWORK_PULSE_H

/* In the parent, which tells systemd once all its processes have told it. */
void pulse_watch(void);
/* In a process that serves, from its event loop, until it drains. */
void pulse_beat(void);
void pulse_end(void);

#endif
