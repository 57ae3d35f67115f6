/*
 * The command line of `casework-worker publish`.
 */
#include <getopt.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "statuspage_model.h"
#include "statuspage_options.h"
#include "unicode.h"
#include "utf8.h"
#include "wall_clock.h"

#define TITLE_MAX 200
#define TEXT_MAX  20000

const char statuspage_usage[] =
    "usage: casework-worker publish --incident ID --status STATUS --text TEXT\n"
    "       casework-worker publish --incident new --title TITLE"
    " --status STATUS --text TEXT\n"
    "           [--severity none|minor|major|critical]"
    " [--components CODE,...]\n"
    "status: awareness investigating identified monitoring resolved;"
    " of maintenance\n"
    "        scheduled in_progress completed\n"
    "STATUS_DIR holds the files, STATUS_KEY_FILE the key that signed them.\n";

static bool    check_texts(const json_t *, char *, size_t);
static size_t  length(const json_t *, const char *);
static json_t *words_of(const char *);
static json_t *random_name(const char *, size_t);

json_t *
statuspage_options(int argc, char **argv, char *err, size_t errlen)
{
	static const struct option names[] = {
		{ "incident", required_argument, NULL, 'i' },
		{ "title", required_argument, NULL, 't' },
		{ "severity", required_argument, NULL, 'v' },
		{ "components", required_argument, NULL, 'c' },
		{ "status", required_argument, NULL, 's' },
		{ "text", required_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	json_t *update = json_pack("{s:o, s:o}", "id", random_name("", 16),
	    "at", statuspage_time(wall_clock_seconds()));
	int	option, index = 0;

	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", names, &index)) != -1 &&
	    option != '?')
		json_object_set_new(update, names[index].name,
		    option == 'c' ? words_of(optarg) : json_string(optarg));
	if (option == '?' || optind != argc)
		snprintf(err, errlen,
		    "an option is unknown or lacks its value");
	else if (check_texts(update, err, errlen)) {
		if (strcmp(statuspage_text(update, "incident"), "new") == 0) {
			json_object_set_new(update, "incident",
			    random_name("op-", 6));
			json_object_update_missing_new(update,
			    json_pack("{s:s, s:[]}", "severity", "minor",
				"components"));
		}
		return update;
	}
	json_decref(update);
	return NULL;
}

static bool
check_texts(const json_t *update, char *err, size_t errlen)
{
	static const char *const severities[] = { "none", "minor", "major",
		"critical" };
	static const char *const needed[] = { "incident", "status", "text",
		"title" };
	static const char *const opens[] = { "title", "severity",
		"components" };
	bool opening = strcmp(statuspage_text(update, "incident"), "new") == 0;
	size_t i;

	for (i = 0; i < (opening ? 4 : 3); i++)
		if (!unicode_shows(statuspage_text(update, needed[i]))) {
			snprintf(err, errlen,
			    "--%s is missing, not UTF-8, or nothing that can "
			    "be seen",
			    needed[i]);
			return false;
		}
	for (i = 0; i < 3; i++)
		if (!opening && json_object_get(update, opens[i]) != NULL) {
			snprintf(err, errlen, "--%s is for --incident new only",
			    opens[i]);
			return false;
		}
	if (unicode_holds(statuspage_text(update, "title")) & UNICODE_UNFIT) {
		snprintf(err, errlen,
		    "--title is one line, without control characters and what "
		    "turns the direction of reading");
		return false;
	}
	if (length(update, "title") > TITLE_MAX ||
	    length(update, "text") > TEXT_MAX) {
		snprintf(err, errlen,
		    "--title has %d characters at most, --text %d", TITLE_MAX,
		    TEXT_MAX);
		return false;
	}
	if (json_object_get(update, "severity") == NULL)
		return true;
	for (i = 0; i < 4; i++)
		if (strcmp(severities[i],
			statuspage_text(update, "severity")) == 0)
			return true;
	snprintf(err, errlen, "--severity is none, minor, major or critical");
	return false;
}

static size_t
length(const json_t *update, const char *name)
{
	const char *text = statuspage_text(update, name);

	return utf8_length(text, strlen(text));
}

static json_t *
words_of(const char *list)
{
	json_t *words = json_array();
	size_t	n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n > 0)
			json_array_append_new(words, json_stringn(list, n));
	}
	return words;
}

static json_t *
random_name(const char *prefix, size_t bytes)
{
	unsigned char random[16];
	char	      hex[2 * sizeof(random) + 1];

	if (RAND_bytes(random, (int)bytes) != 1)
		abort();
	(void)hex_encode(hex, random, bytes);
	return json_sprintf("%s%s", prefix, hex);
}

json_t *
statuspage_time(time_t at)
{
	char	  text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}
