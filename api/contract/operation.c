/*
 * The operations of the document, in its order.
 */
#include <string.h>

#include "operation.h"

static const struct operation *operations[OPERATIONS_MAX];
static size_t		       noperations;

size_t
operation_count(void)
{
	return noperations;
}

const struct operation *
operation_at(size_t i)
{
	return operations[i];
}

const struct operation *
operation_find(const char *id)
{
	size_t i;

	for (i = 0; i < noperations; i++)
		if (strcmp(operations[i]->id, id) == 0)
			return operations[i];
	return NULL;
}

void
operation_forget(void)
{
	noperations = 0;
}

bool
operation_add(struct operation *op)
{
	if (noperations == OPERATIONS_MAX)
		return false;
	op->index = noperations;
	operations[noperations++] = op;
	return true;
}

size_t
operation_body_max(void)
{
	size_t i, max = 0;

	for (i = 0; i < operation_count(); i++)
		if (operation_at(i)->body_max > max)
			max = operation_at(i)->body_max;
	return max;
}
