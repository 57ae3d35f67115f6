/*
 * Reading PostgreSQL's rows.
 */
#include "rows.h"

const char *
rows_first(const PGresult *res, const char *column)
{
	int n = PQfnumber(res, column);

	if (n < 0 || PQgetisnull(res, 0, n))
		return NULL;
	return PQgetvalue(res, 0, n);
}
