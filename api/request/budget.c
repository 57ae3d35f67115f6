/*
 * Two tables of shares over the same bytes: of callers and of districts.
 */
#include <sys/param.h>

#include "budget.h"
#include "request_settings.h"

static struct shares callers, districts;

void
budget_start(size_t largest)
{
	callers.all = (size_t)request_settings->body_memory << 20;
	callers.each = MAX(callers.all / 4, largest);
	districts.all = callers.all;
	districts.each = MAX(districts.all / 2, largest);
}

enum budget
budget_hold(struct budget_hold *hold, size_t bytes)
{
	size_t more;

	if (bytes <= hold->bytes)
		return BUDGET_HELD;
	more = bytes - hold->bytes;
	if (share_held(&callers, hold->caller) + more > callers.each)
		return BUDGET_SHARE;
	if (!share_take(&callers, hold->caller, more))
		return BUDGET_FULL;
	if (hold->district[0] != '\0' &&
	    !share_take(&districts, hold->district, more)) {
		share_give(&callers, hold->caller, more);
		return BUDGET_FULL;
	}
	hold->bytes = bytes;
	return BUDGET_HELD;
}

void
budget_give(struct budget_hold *hold)
{
	share_give(&callers, hold->caller, hold->bytes);
	if (hold->district[0] != '\0')
		share_give(&districts, hold->district, hold->bytes);
	hold->bytes = 0;
}

size_t
budget_taken(void)
{
	return callers.taken;
}
