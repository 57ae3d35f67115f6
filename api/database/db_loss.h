/*
 * Why connections to PostgreSQL end, or do not come about; what is counted.
 */
#ifndef CASEWORK_DB_LOSS_H
#define CASEWORK_DB_LOSS_H

#include <stdint.h>

#include "sqlstates.h"

enum db_loss {
	DB_LOSS_NONE,
	DB_LOSS_ENDED,	 /* by the server, or on the way */
	DB_LOSS_REFUSED, /* nobody there, no right */
	DB_LOSS_MISFIT,	 /* a database of another version */
	DB_LOSS_TIMEOUT, /* while connecting */
	DB_LOSS_SILENT,	 /* a call has not been answered */
	DB_LOSS_UNFIT,	 /* a standby, or read-only */
	DB_LOSS_HELD,	 /* too many were given up and work on */
	DB_LOSS_POOLED,	 /* a pooler gives one session to several */
	DB_LOSSES
};

/* How often, since ever. */
struct db_counts {
	uint64_t lost[DB_LOSSES];
	uint64_t opened;
	uint64_t errors[SQLSTATES];
};

/* metrics.c has them elsewhere. */
extern struct db_counts *db_counts;
/* "ended" and so on. */
const char *db_loss_name(enum db_loss);

#endif
