/*
 * A hash table and a list, those used last in front. The text of an answer
 * stays until there is a new one or its place is needed, both of which happen
 * when PostgreSQL has answered: never while it is being sent.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conditional.h"
#include "hash.h"
#include "monotonic.h"
#include "public_cache.h"
#include "request.h"
#include "request_settings.h"
#include "source.h"
#include "text.h"

#define PLACES	    1024
#define KEY_MAX	    512
#define KEPT_MAX    60 /* seconds; what an operator changes is seen by then */
#define PART_OF_ALL 8  /* one is at most an eighth of the memory */
#define SECOND_US   1000000

LIST_HEAD(waiting, request);

struct public_answer {
	TAILQ_ENTRY(public_answer) list;
	struct public_answer *next; /* of the same place */
	size_t		      place;
	struct request	     *asking; /* the database, for all; or NULL */
	struct waiting	      waiting;
	int64_t		      made; /* us; 0: there is none */
	char		     *text; /* etag and body */
	struct reply	      reply;
	size_t		      size, key_len;
	char		      key[];
};

static TAILQ_HEAD(answers_head,
    public_answer) answers = TAILQ_HEAD_INITIALIZER(answers);
static struct public_answer *places[PLACES];
static size_t		     taken; /* bytes */
static void (*go_on)(struct request *);

static bool	       is_behind_others(const struct public_answer *,
	       const struct request *);
static void	       take_waiting(struct public_answer *, struct waiting *);
static struct request *take_first(struct waiting *);
static bool	       may_be_kept(const struct request *);
static size_t	       write_key(const struct request *, char *);
static struct public_answer *find(const char *, size_t);
static struct public_answer *add(const char *, size_t);
static bool   is_fresh(const struct public_answer *, const struct request *);
static void   use(const struct public_answer *, struct request *);
static void   copy(struct public_answer *, const struct reply *);
static void   make_room(void);
static size_t memory(void);
static void   remove_answer(struct public_answer *);

void
public_cache_start(void (*how)(struct request *))
{
	go_on = how;
}

enum public_cache_answer
public_cache_look(struct request *r)
{
	struct public_answer *a;
	char		      key[KEY_MAX];
	size_t		      len;

	if (!may_be_kept(r) || (len = write_key(r, key)) == 0)
		return PUBLIC_CACHE_NONE;
	a = find(key, len);
	if (a != NULL && is_fresh(a, r)) {
		TAILQ_REMOVE(&answers, a, list);
		TAILQ_INSERT_HEAD(&answers, a, list);
		use(a, r);
		return PUBLIC_CACHE_HIT;
	}
	if (a == NULL)
		a = add(key, len);
	if (a->asking == NULL) {
		a->asking = r;
		r->public_answer = a;
	} else if (!is_behind_others(a, r)) {
		LIST_INSERT_HEAD(&a->waiting, r, waiting);
		r->waits = true;
		return PUBLIC_CACHE_WAIT;
	}
	return PUBLIC_CACHE_NONE;
}

void
public_cache_asked(struct request *r)
{
	struct public_answer *a;
	char		      key[KEY_MAX];
	size_t		      len;

	if (r->public_answer != NULL || r->call.waits || !may_be_kept(r) ||
	    (len = write_key(r, key)) == 0 || (a = find(key, len)) == NULL)
		return;
	if (a->asking != NULL)
		a->asking->public_answer = NULL;
	a->asking = r;
	r->public_answer = a;
}

void
public_cache_keep(struct request *r)
{
	struct waiting	      waiting;
	struct public_answer *a = r->public_answer;
	struct request	     *other;

	if (a == NULL)
		return;
	r->public_answer = NULL;
	copy(a, &r->reply);
	take_waiting(a, &waiting);
	LIST_FOREACH (other, &waiting, waiting)
		use(a, other);
	while ((other = take_first(&waiting)) != NULL)
		go_on(other);
	if (a->size > memory() / PART_OF_ALL && a->asking == NULL)
		remove_answer(a);
	make_room();
}

void
public_cache_fail(struct request *r)
{
	struct waiting	      waiting;
	struct public_answer *a = r->public_answer;
	struct request	     *other;
	bool		      own;

	if (a == NULL)
		return;
	own = r->call.late || r->problem.kind == PROBLEM_TOO_MANY_AT_ONCE;
	r->public_answer = NULL;
	take_waiting(a, &waiting);
	if (a->made == 0)
		remove_answer(a);
	while ((other = take_first(&waiting)) != NULL) {
		if (!own || strcmp(source_of(other), r->call.key) == 0)
			problem_copy(other->arena, &other->problem,
			    &r->problem);
		go_on(other);
	}
}

void
public_cache_leave(struct request *r)
{
	struct public_answer *a = r->public_answer;
	struct request	     *next;

	if (r->waits) {
		LIST_REMOVE(r, waiting);
		r->waits = false;
	}
	if (a == NULL)
		return;
	r->public_answer = NULL;
	next = take_first(&a->waiting);
	a->asking = next;
	if (next != NULL) {
		next->public_answer = a;
		go_on(next);
	} else if (a->made == 0)
		remove_answer(a);
}

/*
 * Whether who is asking waits for its turn behind others of its source: this
 * one, of another source, need not, and asks for itself.
 */
static bool
is_behind_others(const struct public_answer *a, const struct request *r)
{
	const struct db_call *call = &a->asking->call;

	return call->waits && strcmp(call->key, source_of(r)) != 0;
}

/* Nobody is asking any more, and who has waited is no longer a's. */
static void
take_waiting(struct public_answer *a, struct waiting *waiting)
{
	a->asking = NULL;
	*waiting = a->waiting;
	if (waiting->lh_first != NULL)
		waiting->lh_first->waiting.le_prev = &waiting->lh_first;
	LIST_INIT(&a->waiting);
}

static struct request *
take_first(struct waiting *waiting)
{
	struct request *r = LIST_FIRST(waiting);

	if (r != NULL) {
		LIST_REMOVE(r, waiting);
		r->waits = false;
	}
	return r;
}

static bool
may_be_kept(const struct request *r)
{
	return r->op->max_age > 0 && r->caller.kind == CALLER_PUBLIC &&
	    request_settings->answer_memory > 0;
}

/* What the answer depends on; 0 if that is too long to be worth keeping. */
static size_t
write_key(const struct request *r, char *key)
{
	char  *p = key;
	size_t i, len;

	p = text_add_number(p, (int64_t)r->op->index);
	*p++ = r->html ? 'h' : r->csv ? 'c' : 'j';
	for (i = 0; i < r->op->nparams; i++) {
		len = r->args[i] == NULL ? 0 : strlen(r->args[i]);
		if ((size_t)(p - key) + len + 2 > KEY_MAX)
			return 0;
		*p++ = '\0';
		*p++ = r->args[i] == NULL ? '-' : '=';
		memcpy(p, r->args[i] == NULL ? "" : r->args[i], len);
		p += len;
	}
	return (size_t)(p - key);
}

static struct public_answer *
find(const char *key, size_t len)
{
	struct public_answer *a = places[hash_bytes(key, len) % PLACES];

	while (a != NULL &&
	    (a->key_len != len || memcmp(a->key, key, len) != 0))
		a = a->next;
	return a;
}

static struct public_answer *
add(const char *key, size_t len)
{
	struct public_answer *a = calloc(1, sizeof(*a) + len);

	if (a == NULL)
		abort();
	a->key_len = len;
	memcpy(a->key, key, len);
	a->size = sizeof(*a) + len;
	taken += a->size;
	LIST_INIT(&a->waiting);
	a->place = hash_bytes(key, len) % PLACES;
	a->next = places[a->place];
	places[a->place] = a;
	TAILQ_INSERT_HEAD(&answers, a, list);
	return a;
}

static bool
is_fresh(const struct public_answer *a, const struct request *r)
{
	long seconds = r->op->max_age < KEPT_MAX ? r->op->max_age : KEPT_MAX;

	return a->made != 0 && monotonic_us() < a->made + seconds * SECOND_US;
}

static void
use(const struct public_answer *a, struct request *r)
{
	r->reply = a->reply;
	r->aged = true;
	r->age = (long)((monotonic_us() - a->made) / SECOND_US);
	(void)request_not_modified(r);
}

static void
copy(struct public_answer *a, const struct reply *reply)
{
	size_t etag = reply->etag == NULL ? 0 : strlen(reply->etag) + 1;
	size_t size = etag + reply->len + 1;
	char  *text = malloc(size);

	if (text == NULL)
		abort();
	if (etag > 0)
		memcpy(text, reply->etag, etag);
	memcpy(text + etag, reply->body, reply->len);
	free(a->text);
	taken -= a->size;
	a->size = sizeof(*a) + a->key_len + size;
	taken += a->size;
	a->text = text;
	a->made = monotonic_us();
	a->reply = (struct reply){
		.status = reply->status,
		.type = reply->type,
		.etag = etag > 0 ? text : NULL,
		.body = text + etag,
		.len = reply->len,
	};
}

/* Those not used for longest go. */
static void
make_room(void)
{
	struct public_answer *a, *before;

	for (a = TAILQ_LAST(&answers, answers_head);
	     a != NULL && taken > memory(); a = before) {
		before = TAILQ_PREV(a, answers_head, list);
		if (a->asking == NULL)
			remove_answer(a);
	}
}

static size_t
memory(void)
{
	return (size_t)request_settings->answer_memory << 20;
}

static void
remove_answer(struct public_answer *a)
{
	struct public_answer **at = &places[a->place];

	assert(a->asking == NULL && LIST_EMPTY(&a->waiting));
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	TAILQ_REMOVE(&answers, a, list);
	taken -= a->size;
	free(a->text);
	free(a);
}
