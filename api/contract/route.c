/*
 * Finding an operation: the paths of the document as a tree, made at start-up.
 * Literal segments win over parameters, so that /v1/calendar/business-time
 * never reads as an id.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "route.h"
#include "text.h"

struct node {
	const char	       *text; /* of the segment; NULL: a parameter */
	const struct operation *op[HTTP_METHODS];
	unsigned		allow;	      /* bit per method; 0: no path */
	struct node	       *child, *next; /* the parameter comes last */
};

static struct node root;

static struct node	 *step(struct node *, const char *);
static const struct node *find(const struct node *, size_t,
    const char *const *);
static void		  forget(struct node *);

void
route_forget(void)
{
	forget(root.child);
	memset(&root, 0, sizeof(root));
}

void
route_add(const struct operation *op)
{
	struct node *n = &root;
	size_t	     i;

	for (i = 0; i < op->nsegments; i++)
		n = step(n, op->segment[i]);
	n->op[op->method] = op;
	n->allow |= 1U << op->method;
}

const struct operation *
route_match(enum http_method method, size_t nsegments,
    const char *const *segments, unsigned *allow)
{
	const struct node *n = find(&root, nsegments, segments);

	*allow = n == NULL ? 0 : n->allow;
	return n == NULL ? NULL : n->op[method];
}

char *
route_methods(char *p, unsigned methods)
{
	const char *comma = "";
	int	    m;

	for (m = 0; m < HTTP_METHODS; m++) {
		if (!(methods & 1U << m))
			continue;
		p = TEXT_ADD(p, comma, http_method_name((enum http_method)m),
		    m == HTTP_GET ? ", HEAD" : "");
		comma = ", ";
	}
	return p;
}

/* The child of that text, new if need be; allocates or dies. */
static struct node *
step(struct node *n, const char *text)
{
	struct node **at, *child;

	for (at = &n->child; (child = *at) != NULL; at = &child->next) {
		if (child->text == NULL ?
			text == NULL :
			text != NULL && strcmp(child->text, text) == 0)
			return child;
		if (child->text == NULL)
			break;
	}
	child = calloc(1, sizeof(*child));
	if (child == NULL)
		abort();
	child->text = text;
	child->next = *at;
	*at = child;
	return child;
}

static const struct node *
find(const struct node *n, size_t nsegments, const char *const *segments)
{
	const struct node *c, *found;

	if (nsegments == 0)
		return n->allow == 0 ? NULL : n;
	for (c = n->child; c != NULL; c = c->next) {
		if (c->text != NULL && strcmp(c->text, segments[0]) != 0)
			continue;
		found = find(c, nsegments - 1, segments + 1);
		if (found != NULL)
			return found;
	}
	return NULL;
}

static void
forget(struct node *n)
{
	struct node *next;

	for (; n != NULL; n = next) {
		next = n->next;
		forget(n->child);
		free(n);
	}
}

void
route_print(void)
{
	const struct operation *op;
	size_t			i, k;

	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		printf("%-7s %-36s %-22s %-14s", http_method_name(op->method),
		    op->path, op->id, op->scope == NULL ? "-" : op->scope);
		for (k = 0; k < CALLER_KINDS; k++)
			if (op->callers & 1U << k)
				printf(" %s%s",
				    caller_kind_name((enum caller_kind)k),
				    k == CALLER_STAFF && op->roles != NULL ?
					op->roles :
					"");
		putchar('\n');
	}
}
