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

/* By halves: a filter list has a hundred of them, a query as many names. */
size_t
operation_query_param(const struct operation *op, const char *name)
{
	size_t low = 0, high = op->nquery, middle;
	int    order;

	while (low < high) {
		middle = (low + high) / 2;
		order = strcmp(name, op->params[op->by_name[middle]].name);
		if (order == 0)
			return op->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return op->nparams;
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
		if (!operation_at(i)->stream && operation_at(i)->body_max > max)
			max = operation_at(i)->body_max;
	return max;
}

void
operation_sort_query(struct operation *op)
{
	size_t i, at;

	op->nquery = 0;
	for (i = 0; i < op->nparams; i++) {
		if (op->params[i].in != IN_QUERY)
			continue;
		for (at = op->nquery++; at > 0 &&
		     strcmp(op->params[i].name,
			 op->params[op->by_name[at - 1]].name) < 0;
		     at--)
			op->by_name[at] = op->by_name[at - 1];
		op->by_name[at] = i;
	}
}
