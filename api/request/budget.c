/*
 * A counter: of one process, which has one thread.
 */
#include <assert.h>

#include "budget.h"
#include "request_settings.h"

static size_t taken;

bool
budget_take(size_t bytes)
{
	const size_t max = (size_t)request_settings->body_memory << 20;

	if (taken + bytes > max)
		return false;
	taken += bytes;
	return true;
}

void
budget_give(size_t bytes)
{
	assert(bytes <= taken);
	taken -= bytes;
}

size_t
budget_taken(void)
{
	return taken;
}
