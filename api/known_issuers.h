/*
 * Keeps what this process knows of issuers as the database has it.
 */
#ifndef CASEWORK_KNOWN_ISSUERS_H
#define CASEWORK_KNOWN_ISSUERS_H

/* Call once, after db_start(). */
void known_issuers_start(void);
/* Nothing is asked any more. */
void known_issuers_stop(void);
/* Calls in flight, for which nobody waits. */
unsigned known_issuers_inflight(void);

#endif
