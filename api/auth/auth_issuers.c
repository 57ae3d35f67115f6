/*
 * Two issuers may have a key of the same kid, by chance or because one of them
 * lies: then a token's iss says whose is meant, and only that one is tried.
 */
#include <stdlib.h>
#include <string.h>

#include "auth_cache.h"
#include "auth_issuers.h"
#include "json.h"

#define SECOND	  INT64_C(1000000)
#define LOOK_EACH (30 * SECOND) /* as rules.want_keys */
#define LOOK_TIME (10 * SECOND) /* that a look takes at most, about */

static struct auth_issuer own, *known;
static size_t		  count;
static bool		  heard; /* of the database */

static void    set_own_keys(struct auth_issuer *);
static bool    read_issuer(struct auth_issuer *, json_t *, size_t, int64_t);
static int64_t moment(json_t *, const char *, int64_t);
static bool    are_the_same(const struct auth_issuer *, size_t);
static void    free_issuers(struct auth_issuer *, size_t);
static struct auth_issuer *at_index(size_t);

void
auth_issuers_own(const char *name, const char *audience)
{
	json_t *json = json_pack("{s:s, s:[s], s:[s], s:[s, s]}", "issuer",
	    name, "audiences", audience, "token_types", "at+jwt",
	    "scope_claims", "scope", "scp");

	if (json == NULL)
		abort();
	json_decref(own.json);
	own = (struct auth_issuer){ .json = json,
		.keys = own.keys,
		.fixed = true,
		.name = json_string_value(json_object_get(json, "issuer")),
		.audiences = json_object_get(json, "audiences"),
		.token_types = json_object_get(json, "token_types"),
		.scope_claims = json_object_get(json, "scope_claims") };
}

void
auth_issuers_own_keys(struct auth_key_list *list)
{
	auth_key_list_free(own.keys);
	own.keys = list;
	set_own_keys(&own);
	auth_cache_clear();
}

static void
set_own_keys(struct auth_issuer *issuer)
{
	size_t i;

	for (i = 0; i < issuer->keys->count; i++)
		issuer->keys->key[i].issuer = issuer;
}

bool
auth_issuers_update(const char *json, size_t len, int64_t at)
{
	char	err[128];
	json_t *array = json_parse_strict(json, len, err, sizeof(err));
	size_t	i, n = json_array_size(array);
	struct auth_issuer *issuers = calloc(n + 1, sizeof(*issuers));
	bool		    good = json_is_array(array);

	if (issuers == NULL)
		abort();
	for (i = 0; i < n && good; i++)
		good =
		    read_issuer(&issuers[i], json_array_get(array, i), i, at);
	json_decref(array);
	if (!good) {
		free_issuers(issuers, n);
		return false;
	}
	heard = true;
	if (are_the_same(issuers, n)) {
		for (i = 0; i < n; i++) {
			known[i].looked_at = issuers[i].looked_at;
			if (known[i].wanted_at < issuers[i].wanted_at)
				known[i].wanted_at = issuers[i].wanted_at;
		}
		free_issuers(issuers, n);
		return true;
	}
	free_issuers(known, count);
	known = issuers;
	count = n;
	auth_cache_clear();
	return true;
}

/* Keys are numbered apart from all others, those of KEYS_FILE come first. */
static bool
read_issuer(struct auth_issuer *s, json_t *json, size_t index, int64_t at)
{
	const char *id = json_string_value(json_object_get(json, "id"));

	s->name = json_string_value(json_object_get(json, "issuer"));
	s->audiences = json_object_get(json, "audiences");
	s->token_types = json_object_get(json, "token_types");
	s->scope_claims = json_object_get(json, "scope_claims");
	s->scopes = json_object_get(json, "scopes");
	if (!json_is_object(s->scopes))
		s->scopes = NULL;
	s->email = json_is_true(json_object_get(json, "email"));
	s->fixed = json_is_true(json_object_get(json, "fixed"));
	if (id == NULL || strlen(id) >= sizeof(s->id) || s->name == NULL)
		return false;
	strcpy(s->id, id);
	s->looked_at = moment(json, "looked_ago", at);
	s->wanted_at = moment(json, "wanted_ago", at);
	s->keys = auth_key_list_pick(json_object_get(json, "keys"),
	    (unsigned)(index + 1) * AUTH_KEYS_MAX);
	set_own_keys(s);
	s->json = json_incref(json);
	return true;
}

/* That many milliseconds ago, or long ago; no member of what is compared. */
static int64_t
moment(json_t *json, const char *name, int64_t at)
{
	const json_t *ago = json_object_get(json, name);
	int64_t	      then = json_is_integer(ago) ?
		  at - json_integer_value(ago) * (SECOND / 1000) :
		  at - 2 * LOOK_EACH;

	(void)json_object_del(json, name);
	return then;
}

static bool
are_the_same(const struct auth_issuer *issuers, size_t n)
{
	size_t i;

	for (i = 0; i < n && n == count; i++)
		if (!json_equal(issuers[i].json, known[i].json))
			return false;
	return n == count;
}

static void
free_issuers(struct auth_issuer *issuers, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		auth_key_list_free(issuers[i].keys);
		json_decref(issuers[i].json);
	}
	free(issuers);
}

const struct auth_key *
auth_issuers_key(const char *kid, const char *name, size_t *found)
{
	const struct auth_issuer *issuer;
	const struct auth_key	 *key = NULL, *one;
	size_t			  i;

	*found = 0;
	for (i = 0; (issuer = at_index(i)) != NULL; i++) {
		if (name != NULL && strcmp(issuer->name, name) != 0)
			continue;
		one = auth_key_list_find(issuer->keys, kid);
		if (one != NULL && ++*found == 1)
			key = one;
	}
	return *found == 1 ? key : NULL;
}

bool
auth_issuers_want(const char *name, int64_t at)
{
	struct auth_issuer *s;
	size_t		    i;

	if (own.keys != NULL && strcmp(own.name, name) == 0)
		return false;
	if (!heard)
		return true;
	for (i = 0; i < count && strcmp(known[i].name, name) != 0; i++)
		;
	if (i == count || known[i].fixed)
		return false;
	s = &known[i];
	if (at - s->wanted_at >= LOOK_EACH) {
		s->wanted_at = at;
		s->wanted = true;
	}
	/* They were looked up since, and it is not there; or nobody looks. */
	return s->looked_at < s->wanted_at && at - s->wanted_at < LOOK_TIME;
}

const char *
auth_issuers_wanted(void)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (known[i].wanted) {
			known[i].wanted = false;
			return known[i].id;
		}
	}
	return NULL;
}

bool
auth_issuers_waiting(int64_t at)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (known[i].wanted_at > known[i].looked_at &&
		    at - known[i].wanted_at < LOOK_TIME)
			return true;
	return !heard;
}

const char *
auth_issuers_name(size_t index)
{
	const struct auth_issuer *issuer = at_index(index);

	return issuer == NULL ? NULL : issuer->name;
}

static struct auth_issuer *
at_index(size_t index)
{
	if (own.keys == NULL)
		index++;
	if (index == 0)
		return &own;
	return index <= count ? &known[index - 1] : NULL;
}
