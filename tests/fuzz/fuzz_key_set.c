/*
 * Any text as a key set, as metadata and as what answers say of themselves.
 * What is kept of a set is public, has distinct kids, and is read again as the
 * same.
 */
#include "freshness.h"
#include "fuzz.h"
#include "key_set.h"
#include "well_known.h"

static void
check_keys(const json_t *keys)
{
	const json_t *key, *value;
	const char   *name, *kid;
	size_t	      i, k;

	REQUIRE(json_array_size(keys) >= 1 &&
	    json_array_size(keys) <= KEY_SET_KEYS_MAX);
	json_array_foreach (keys, i, key) {
		kid = json_string_value(json_object_get(key, "kid"));
		REQUIRE(kid != NULL && *kid != '\0' && strlen(kid) <= 512);
		for (k = 0; k < i; k++)
			REQUIRE(strcmp(kid,
				    json_string_value(json_object_get(
					json_array_get(keys, k), "kid"))) != 0);
		json_object_foreach ((json_t *)(uintptr_t)key, name, value)
			REQUIRE(json_is_string(value) &&
			    strstr(" kid kty use alg n e crv x y ", name) !=
				NULL);
	}
}

static void
judge_set(const char *text, size_t len)
{
	const struct issuer_fault *fault;
	json_t			  *keys = key_set_read(text, len, &fault), *set;
	json_t			  *again;
	char			  *kept;

	REQUIRE((keys == NULL) == (fault != NULL));
	if (keys == NULL)
		return;
	check_keys(keys);
	set = json_pack("{s:O}", "keys", keys);
	kept = json_dumps(set, 0);
	again = key_set_read(kept, strlen(kept), &fault);
	REQUIRE(again != NULL && json_equal(again, keys));
	json_decref(again);
	json_decref(set);
	json_decref(keys);
	free(kept);
}

static void
judge_metadata(const char *text, size_t len)
{
	char url[KEY_SET_URL_MAX + 1];

	if (key_set_find(text, len, "https://i.example", url) == NULL)
		REQUIRE(strncmp(url, "http", 4) == 0 &&
		    strpbrk(url, " \t\r\n") == NULL);
}

static void
judge_text(const char *text)
{
	const struct freshness f = { .cache_control = text, .age = text };
	const struct freshness g = { .date = text, .expires = text };
	char		       url[5000];

	REQUIRE(freshness_seconds(&f) >= -1);
	REQUIRE(freshness_seconds(&g) == 0);
	if (well_known_openid(text, url, sizeof(url)))
		REQUIRE(strncmp(url, text, 5) == 0 &&
		    well_known_oauth(text, url, sizeof(url)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	judge_set(text, size);
	judge_metadata(text, size);
	judge_text(text);
	free(text);
	return 0;
}
