/*
 * Unit test of key_set.c, well_known.c and freshness.c: what of an issuer's
 * documents is taken over, where they are, and for how long.
 */
#include <stdlib.h>

#include "freshness.h"
#include "key_set.h"
#include "unit.h"
#include "well_known.h"

/* 32 bytes; and 256, whose first bit is set. */
#define HALF  "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define SIXTY "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
#define FILL \
	SIXTY SIXTY SIXTY SIXTY SIXTY "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
#define BITS_2048 FILL "qqqqqg"

#define EC                                                     \
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" HALF "\"," \
	"\"y\":\"" HALF "\""
#define RSA_OF(n) "\"kty\":\"RSA\",\"n\":\"" n "\",\"e\":\"AQAB\""
#define RSA	  RSA_OF(BITS_2048)
#define OKP(crv)  "\"kty\":\"OKP\",\"crv\":\"" crv "\",\"x\":\"" HALF "\""
#define GOOD	  "{\"kid\":\"g\"," EC "}"

static const struct issuer_fault *fault;

/* The kids that are left of a set of these, with a blank behind each. */
static const char *
kids(const char *keys)
{
	static char text[4096], left[1024];
	char	   *p = left;
	json_t	   *set, *key;
	size_t	    i;

	unit_case = keys;
	snprintf(text, sizeof(text), "{\"keys\":[%s]}", keys);
	set = key_set_read(text, strlen(text), &fault);
	CHECK((set == NULL) == (fault != NULL));
	*p = '\0';
	json_array_foreach (set, i, key)
		p += sprintf(p, "%s ",
		    json_string_value(json_object_get(key, "kid")));
	json_decref(set);
	return left;
}

static const char *
label(const char *text)
{
	unit_case = text;
	CHECK(key_set_read(text, strlen(text), &fault) == NULL);
	return fault != NULL ? fault->label : "";
}

static void
test_public_members_alone_are_kept(void)
{
	static const char text[] =
	    "{\"keys\":[{\"kid\":\"r\"," RSA ",\"x5c\":[\"A\"],\"x\":\"B\","
	    "\"use\":\"sig\",\"alg\":\"PS256\",\"key_ops\":[\"verify\"]}]}";
	json_t *set = key_set_read(text, strlen(text), &fault);
	char   *dumped = json_dumps(set, JSON_COMPACT | JSON_SORT_KEYS);

	CHECK_STR(dumped,
	    "[{\"alg\":\"PS256\",\"e\":\"AQAB\",\"kid\":\"r\","
	    "\"kty\":\"RSA\",\"n\":\"" BITS_2048 "\",\"use\":\"sig\"}]");
	free(dumped);
	json_decref(set);
}

static void
test_keys_that_cannot_have_signed_are_passed_over(void)
{
	static const char *const others[] = { "7", "[]", "null", "\"x\"", "{}",
		"{" EC "}", "{\"kid\":\"\"," EC "}", "{\"kid\":1," EC "}",
		"{\"kid\":\"a\",\"use\":\"enc\"," EC "}",
		"{\"kid\":\"a\",\"use\":null," EC "}",
		"{\"kid\":\"a\",\"alg\":1," EC "}",
		"{\"kid\":\"a\",\"key_ops\":[]," RSA "}",
		"{\"kid\":\"a\",\"key_ops\":[\"sign\"]," RSA "}",
		"{\"kid\":\"a\",\"key_ops\":\"verify\"," RSA "}",
		"{\"kid\":\"a\",\"kty\":\"oct\",\"k\":\"AA\"}",
		"{\"kid\":\"a\",\"kty\":\"ec\",\"crv\":\"x\",\"x\":\"AA\","
		"\"y\":\"AA\"}",
		"{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"" BITS_2048 "\"}",
		"{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"" BITS_2048
		"\",\"e\":3}",
		"{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"" BITS_2048
		"\",\"e\":\"Aw\"}",
		"{\"kid\":\"a\"," RSA_OF("K" FILL "qqqqg") "}",
		"{\"kid\":\"a\"," RSA_OF(FILL FILL "qqqqqqqqqqqq") "}",
		"{\"kid\":\"a\",\"alg\":\"RS512\"," RSA "}",
		"{\"kid\":\"a\",\"alg\":\"RS256\"," EC "}",
		"{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":"
		"\"" HALF "\",\"y\":\"" HALF "\"}",
		"{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
		"\"" HALF "\",\"y\":\"AA\"}",
		"{\"kid\":\"a\"," OKP("X25519") "}",
		"{\"kid\":\"a\",\"kty\":\"OKP\",\"x\":\"" HALF "\"}" };
	char			 both[2048];
	size_t			 i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(both, sizeof(both), "%s," GOOD, others[i]);
		CHECK_STR(kids(both), "g ");
		CHECK_STR(kids(others[i]), "");
		CHECK_STR(fault->label, "no_usable_key");
	}
	CHECK_STR(kids(GOOD ",{\"kid\":\"r\"," RSA "},{\"kid\":\"o\"," OKP(
		      "Ed25519") "},{\"kid\":\"z\"," RSA_OF("AKqq" FILL
							    "qqo") "}"),
	    "g r o z ");
}

static void
test_a_kid_has_128_characters(void)
{
	char	    text[1024], kid[512] = "";
	int	    i;
	const char *left;

	for (i = 0; i < 128; i++)
		strcat(kid, "é");
	snprintf(text, sizeof(text), "{\"kid\":\"%s\"," EC "}", kid);
	left = kids(text);
	CHECK(strncmp(left, kid, strlen(kid)) == 0);
	snprintf(text, sizeof(text), "{\"kid\":\"%sx\"," EC "}", kid);
	CHECK_STR(kids(text), "");
}

static void
test_some_sets_are_refused_whole(void)
{
	static const char *const parts[] = { "d", "p", "q", "dp", "dq", "qi",
		"oth" };
	char			 text[16384];
	size_t			 i, len;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(text, sizeof(text),
		    "{\"keys\":[" GOOD ",{\"%s\":null}]}", parts[i]);
		CHECK_STR(label(text), "private_key");
	}
	CHECK_STR(label("{\"keys\":[" GOOD "," GOOD "]}"), "kid_twice");
	CHECK_STR(label("{\"keys\":[]}"), "no_usable_key");
	CHECK_STR(label("{\"keys\":{}}"), "no_key_set");
	CHECK_STR(label("{}"), "no_key_set");
	CHECK_STR(label("[]"), "no_key_set");
	CHECK_STR(label(""), "not_json");
	CHECK_STR(label("{\"keys\":[" GOOD "]} x"), "not_json");
	CHECK_STR(label("{\"keys\":[],\"keys\":[" GOOD "]}"), "not_json");
	for (len = i = 0; i <= KEY_SET_KEYS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s{\"kid\":\"%zu\"," EC "}", i > 0 ? "," : "{\"keys\":[",
		    i);
	strcpy(text + len, "]}");
	CHECK_STR(label(text), "too_many_keys");
}

static const char *
found(const char *text)
{
	static char url[KEY_SET_URL_MAX + 1];

	unit_case = text;
	url[0] = '\0';
	fault = key_set_find(text, strlen(text), "https://i.example/", url);
	return fault != NULL ? fault->label : url;
}

static void
test_metadata_say_where_keys_are(void)
{
	char text[KEY_SET_URL_MAX + 100];

	CHECK_STR(found("{\"jwks_uri\":\"https://k.example/a?b\",\"more\":[{}],"
			"\"issuer\":\"https://i.example/\"}"),
	    "https://k.example/a?b");
	CHECK_STR(found("{\"issuer\":\"https://i.example\",\"jwks_uri\":"
			"\"https://k.example/\"}"),
	    "other_issuer");
	CHECK_STR(found("{\"issuer\":\"HTTPS://i.example/\"}"), "other_issuer");
	CHECK_STR(found("{\"issuer\":[\"https://i.example/\"]}"),
	    "other_issuer");
	CHECK_STR(found("[]"), "other_issuer");
	CHECK_STR(found("x"), "not_json");
	snprintf(text, sizeof(text),
	    "{\"issuer\":\"https://i.example/\",\"jwks_uri\":"
	    "\"https://k.example/%0*d\"}",
	    KEY_SET_URL_MAX - 18, 0);
	CHECK(strlen(found(text)) == KEY_SET_URL_MAX);
	snprintf(text, sizeof(text),
	    "{\"issuer\":\"https://i.example/\",\"jwks_uri\":"
	    "\"https://k.example/%0*d\"}",
	    KEY_SET_URL_MAX - 17, 0);
	CHECK_STR(found(text), "no_jwks_uri");
}

static void
test_jwks_uri_is_a_url(void)
{
	static const char *const bad[] = { "", "k.example", "//k.example",
		"ftp://k.example/", "file:///etc/passwd", "https:/k.example",
		"https://k.example/\\n", "https://k.example/ b",
		"https://k.example/é", "gopher://k.example" };
	char			 text[200];
	size_t			 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
		    "{\"issuer\":\"https://i.example/\",\"jwks_uri\":\"%s\"}",
		    bad[i]);
		CHECK_STR(found(text), "no_jwks_uri");
	}
}

static void
test_well_known_places(void)
{
	static const struct {
		const char *issuer, *openid, *oauth;
	} rows[] = {
		{ "https://i.example",
		    "https://i.example/.well-known/openid-configuration",
		    "https://i.example/.well-known/oauth-authorization-"
		    "server" },
		{ "https://i.example/",
		    "https://i.example/.well-known/openid-configuration",
		    "https://i.example/.well-known/oauth-authorization-"
		    "server" },
		{ "https://i.example:8443/a/b",
		    "https://i.example:8443/a/b/.well-known/"
		    "openid-configuration",
		    "https://i.example:8443/.well-known/"
		    "oauth-authorization-server/a/b" },
		{ "HTTP://[::1]/a/",
		    "HTTP://[::1]/a/.well-known/openid-configuration",
		    "HTTP://[::1]/.well-known/oauth-authorization-server/a" },
	};
	static const char *const bad[] = { "", "urn:x", "i.example", "https://",
		"https:///a", "https://i.example/?a", "https://i.example/#a",
		"https://a@i.example", "https://i.example/a b",
		"https://i.example\\@j.example", "file:///a", "https:/a" };
	char			 url[200];
	size_t			 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_case = rows[i].issuer;
		CHECK(well_known_openid(rows[i].issuer, url, sizeof(url)));
		CHECK_STR(url, rows[i].openid);
		CHECK(well_known_oauth(rows[i].issuer, url, sizeof(url)));
		CHECK_STR(url, rows[i].oauth);
		CHECK(!well_known_oauth(rows[i].issuer, url, strlen(url)));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i];
		CHECK(!well_known_openid(bad[i], url, sizeof(url)));
		CHECK(!well_known_oauth(bad[i], url, sizeof(url)));
	}
}

static long
fresh(const char *control, const char *age, const char *expires)
{
	static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";

	unit_case = control != NULL ? control : "";
	return freshness_seconds(&(struct freshness){
	    control, age, date, expires });
}

static void
test_how_long_an_answer_is_fresh(void)
{
	static const char later[] = "Sun, 06 Nov 1994 09:49:37 GMT";

	CHECK(fresh(NULL, NULL, NULL) == -1);
	CHECK(fresh("public", NULL, NULL) == -1);
	CHECK(fresh("", NULL, NULL) == -1);
	CHECK(fresh("max-age=60", NULL, NULL) == 60);
	CHECK(fresh("Public , MAX-AGE=60,must-revalidate", NULL, NULL) == 60);
	CHECK(fresh("max-age=\"60\"", NULL, NULL) == 60);
	CHECK(fresh("max-age=60,max-age=70", NULL, NULL) == 60);
	CHECK(fresh("s-maxage=70, x=\"max-age=1,\", max-age=60", NULL, NULL) ==
	    60);
	CHECK(fresh("max-age=99999999999999999999", NULL, NULL) == 2147483647);
	CHECK(fresh("max-age=60", "50", NULL) == 10);
	CHECK(fresh("max-age=60", "70", NULL) == 0);
	CHECK(fresh("max-age=60", "x", NULL) == 60);
	CHECK(fresh("max-age=60, no-store", NULL, NULL) == 0);
	CHECK(fresh("No-Cache=\"Set-Cookie\", max-age=60", NULL, NULL) == 0);
	CHECK(fresh("max-age", NULL, NULL) == 0);
	CHECK(fresh("max-age=-1", NULL, NULL) == 0);
	CHECK(fresh("max-age=60 70", NULL, NULL) == 0);
	CHECK(fresh("max-age=\"60", NULL, NULL) == 0);
	CHECK(fresh(NULL, NULL, later) == 3600);
	CHECK(fresh(NULL, "600", later) == 3000);
	CHECK(fresh("max-age=60", NULL, later) == 60);
	CHECK(fresh(NULL, NULL, "0") == 0);
	CHECK(fresh(NULL, NULL, "Sun, 06 Nov 1994 07:49:37 GMT") == 0);
	CHECK(fresh(NULL, NULL, "Sun, 06 Nov 1994 09:49:37 GMT x") == 0);
}

int
main(int argc, char **argv)
{
	(void)argc;
	RUN(test_public_members_alone_are_kept);
	RUN(test_keys_that_cannot_have_signed_are_passed_over);
	RUN(test_a_kid_has_128_characters);
	RUN(test_some_sets_are_refused_whole);
	RUN(test_metadata_say_where_keys_are);
	RUN(test_jwks_uri_is_a_url);
	RUN(test_well_known_places);
	RUN(test_how_long_an_answer_is_fresh);
	return unit_end(argv[0]);
}
