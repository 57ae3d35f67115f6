/*
 * Keeps what this process knows of issuers as the database has it.
 */
#ifndef CASEWORK_ISSUERS_H
#define CASEWORK_ISSUERS_H

/* Call once, after db_start(). */
void issuers_start(void);
/* Nothing is asked any more. */
void issuers_stop(void);
/* Calls in flight, for which nobody waits. */
unsigned issuers_inflight(void);

#endif
