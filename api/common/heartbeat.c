/*
 * Can PostgreSQL write? Only writing tells. A row that is updated again and
 * again would not: its page is there already, and so is its WAL segment.
 *
 * So one transaction needs new room on the database's disk, and a flush of its
 * log. A sort of more than work_mem spills: its temporary file takes new blocks
 * each time and gives them back. The message gives the transaction something to
 * commit: WAL is written, flushed, and confirmed by whatever standby it waits
 * for. No table, nothing that stays.
 */
#include <stdbool.h>
#include <string.h>

#include "heartbeat.h"

const char heartbeat_begin[] = "select set_config('work_mem', '64kB', true)";
const char heartbeat_sql[] =
    "select current_setting('transaction_read_only'), case"
    " when current_setting('transaction_read_only') = 'off' then"
    " rules.heartbeat() end,"
    " (select count(s.t) from (select repeat(md5(g::text), 64) as t"
    " from generate_series(1, 48) as g order by 1) as s)";

static const struct {
	const char    *state; /* SQLSTATE */
	enum heartbeat says;
} states[] = {
	{ "25006", HEARTBEAT_READ_ONLY },
	{ "53100", HEARTBEAT_DISK_FULL },
};

enum heartbeat
heartbeat_of(const PGresult *result)
{
	const char *state;
	size_t	    i;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return strcmp(PQgetvalue(result, 0, 0), "on") == 0 ?
		    HEARTBEAT_READ_ONLY :
		    HEARTBEAT_OK;
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (state != NULL && strcmp(state, states[i].state) == 0)
			return states[i].says;
	return HEARTBEAT_REFUSED;
}
