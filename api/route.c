/*
 * Finding an operation: literal segments win over parameters, so that
 * /v1/calendar/business-time never reads as an id.
 */
#include <stdio.h>
#include <string.h>

#include "operation.h"

static bool
matches(const struct operation *op, size_t n, const char *const *segments,
    unsigned *literals)
{
	size_t i;

	if (op->nsegments != n)
		return (false);
	*literals = 0;
	for (i = 0; i < n; i++) {
		if (op->segment[i] == NULL)
			continue;
		if (strcmp(op->segment[i], segments[i]) != 0)
			return (false);
		(*literals)++;
	}
	return (true);
}

const struct operation *
operation_match(enum http_method method, size_t nsegments,
    const char *const *segments, unsigned *allow)
{
	const struct operation *op, *found = NULL;
	unsigned		literals, best = 0;
	size_t			i;

	*allow = 0;
	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		if (!matches(op, nsegments, segments, &literals) ||
		    literals < best)
			continue;
		if (literals > best) {
			best = literals;
			*allow = 0;
			found = NULL;
		}
		*allow |= 1U << op->method;
		if (op->method == method)
			found = op;
	}
	return (found);
}

void
operation_print(void)
{
	const struct operation *op;
	size_t			i, k;

	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		printf("%-7s %-36s %-22s %-14s", http_method_name(op->method),
		    op->path, op->id, op->scope == NULL ? "-" : op->scope);
		for (k = 0; k < CALLER_KINDS; k++)
			if (op->callers & 1U << k)
				printf(" %s",
				    caller_kind_name((enum caller_kind)k));
		putchar('\n');
	}
}
