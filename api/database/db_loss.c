/*
 * The names of losses, in metrics, and where they are counted.
 */
#include "db_loss.h"

static struct db_counts counts;

struct db_counts *db_counts = &counts;

static const char *const names[DB_LOSSES] = {
	[DB_LOSS_NONE] = "none",
	[DB_LOSS_ENDED] = "ended",
	[DB_LOSS_REFUSED] = "refused",
	[DB_LOSS_MISFIT] = "does_not_fit",
	[DB_LOSS_TIMEOUT] = "timeout",
	[DB_LOSS_SILENT] = "silent",
	[DB_LOSS_UNFIT] = "read_only",
	[DB_LOSS_HELD] = "held",
	[DB_LOSS_POOLED] = "pooled",
};

const char *
db_loss_name(enum db_loss loss)
{
	return names[loss];
}
