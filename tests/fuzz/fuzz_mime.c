/*
 * Fuzzes the building of a mail: the input is cut at NULs into the values of
 * its headers and its text. What is built has exactly our headers, lines that
 * RFC 5322 allows, nothing but ASCII, and two parts whatever the text is.
 */
#include "fuzz.h"
#include "html.h"
#include "mime.h"

static const char *const headers[] = { "From: ", "To: ", "Date: ", "Subject: ",
	"Message-ID: ", "Auto-Submitted: ", "MIME-Version: ", "Content-Type: ",
	"In-Reply-To: ", "References: ", "List-Unsubscribe: ",
	"List-Unsubscribe-Post: " };

static const char *
next_value(const char **at, const char *end)
{
	const char *value = *at;

	*at += strlen(value) + (value < end);
	if (*at > end)
		*at = end;
	return value;
}

static void
check(const char *text, size_t len, size_t expected)
{
	const char *line, *end;
	size_t	    seen = 0, boundaries = 0;
	int	    in_head = 1;

	REQUIRE(strlen(text) == len);
	for (line = text; *line != '\0'; line = end + 2) {
		end = strstr(line, "\r\n");
		REQUIRE(end != NULL && end - line <= MIME_LINE_MAX);
		for (const char *p = line; p < end; p++)
			REQUIRE((*p >= ' ' && *p < 0x7f) || *p == '\t');
		if (end == line)
			in_head = 0;
		if (!in_head) {
			REQUIRE(end - line <= 76);
			boundaries += strncmp(line, "--=_", 4) == 0;
		} else if (*line != ' ') {
			REQUIRE(seen < expected);
			REQUIRE(strncmp(line, headers[seen],
				    strlen(headers[seen])) == 0);
			seen++;
		}
	}
	REQUIRE(!in_head && seen == expected && boundaries == 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own[] = { "https://desk.example", NULL };
	struct arena		*arena = arena_new();
	char			*input = fuzz_text(data, size);
	const char		*at = input, *end = input + size, *why, *text;
	struct mime_mail	 mail = { .from = "no-reply@desk.example",
			.message_id = "1@desk.example",
			.thread = "case-1@desk.example" };
	size_t			 len = 0;

	mail.to = size % 2 ? next_value(&at, end) : "contact@district.example";
	mail.subject = next_value(&at, end);
	if (size % 5 == 0)
		mail.from_name = next_value(&at, end);
	if (size % 3)
		mail.unsubscribe = next_value(&at, end);
	mail.text = next_value(&at, end);
	mail.html = html_build(arena,
	    &(struct html_text){ mail.subject, mail.text, own });
	mail.date = (time_t)size;
	text = mime_build(arena, &mail, &len, &why);
	if (text != NULL)
		check(text, len, mail.unsubscribe == NULL ? 10 : 12);
	free(input);
	arena_free(arena);
	return 0;
}
