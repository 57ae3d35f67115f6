/*
 * What a process takes of its machine, under the names that every exporter of
 * Prometheus has for it (process_…).
 */
#ifndef CASEWORK_PROCESS_H
#define CASEWORK_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#define PROCESS_TEXT_MAX 2048

struct process {
	uint64_t cpu_us, resident, virtual, files, files_max;
};

/*
 * Of this process; call about once a second. Open files are counted anew at
 * every fifteenth call only: there may be many.
 */
void process_measure(struct process *);
/* Text format of Prometheus; started is the time of day in seconds. */
void process_text(char out[PROCESS_TEXT_MAX], const struct process *,
    int64_t	       started);

#endif
