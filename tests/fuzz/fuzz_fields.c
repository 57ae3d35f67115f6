/*
 * Fuzzes the values of fields. Whatever is accepted as a name cannot leave its
 * header line or its directory, and reads the same after it was written; so
 * does a media type. Digests are as long as they must be, weights are between
 * 0 and 1, and a host has no character of another part of a URL.
 */
#include "digest.h"
#include "fields.h"
#include "fuzz.h"
#include "http_host.h"
#include "media_type.h"
#include "uri.h"

static void fuzz_name(struct arena *, const char *);
static void fuzz_digest(struct arena *, const char *);
static void fuzz_media_type(struct arena *, const char *);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char	     *value = fuzz_text(data, size);

	fuzz_name(arena, value);
	fuzz_digest(arena, value);
	fuzz_media_type(arena, value);
	if (http_is_host(value, strlen(value)))
		REQUIRE(*value != '\0' &&
		    strpbrk(value, "/?#@\\ \t<>") == NULL);
	free(value);
	arena_free(arena);
	return 0;
}

static void
fuzz_name(struct arena *arena, const char *value)
{
	const char *fault, *text, *p, *name;

	name = field_filename(arena, value, &fault);
	REQUIRE((name == NULL) == (fault != NULL));
	if (name == NULL)
		return;
	REQUIRE(*name != '\0' && uri_is_text(name));
	REQUIRE(strpbrk(name, "/\\\r\n:*?\"<>|") == NULL);
	REQUIRE(strcmp(name, "..") != 0);
	text = field_disposition(arena, name);
	for (p = text; *p != '\0'; p++)
		REQUIRE(*p >= 0x20 && *p < 0x7f);
	REQUIRE(strcmp(field_filename(arena, text, &fault), name) == 0);
}

static void
fuzz_digest(struct arena *arena, const char *value)
{
	const char *fault, *text = digest_read(arena, value, &fault);

	REQUIRE((text == NULL) == (fault != NULL));
	if (text != NULL) {
		const size_t len = strlen(text);

		/* {"sha-256":"64 digits","sha-512":"128 digits"} */
		REQUIRE(len == 78 || len == 142 || len == 219);
	}
}

static void
fuzz_media_type(struct arena *arena, const char *value)
{
	struct media_type type, again;
	const char	 *where;
	double		  q;

	q = media_type_quality(value, "application/json", &where);
	REQUIRE(q == -1 || (q >= 0 && q <= 1));
	REQUIRE(q != -1 || (where >= value && where < value + strlen(value)));
	if (!media_type_read(value, &type))
		return;
	value = arena_printf(arena, "%s%s%s", type.name,
	    *type.charset == '\0' ? "" : "; charset=", type.charset);
	REQUIRE(media_type_read(value, &again));
	REQUIRE(strcmp(type.name, again.name) == 0);
	REQUIRE(strcmp(type.charset, again.charset) == 0);
	REQUIRE(media_type_quality(value, type.name, &where) == 1);
}
