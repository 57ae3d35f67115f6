/*
 * Fuzzes the status feed. Any text must come out of markup_text() without a
 * character that means something in markup or that XML forbids; any JSON that
 * passes for a snapshot must be rendered, and signed text must verify.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "markup.h"
#include "statuspage_atom.h"
#include "statuspage_documents.h"
#include "statuspage_html.h"
#include "statuspage_model.h"
#include "statuspage_snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void fuzz_markup(const char *);
static void fuzz_snapshot(const char *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	fuzz_markup(text);
	fuzz_snapshot(text, size);
	free(text);
	return 0;
}

static void
fuzz_markup(const char *text)
{
	char   *markup = NULL, *p;
	size_t	size;
	json_t *string;
	FILE   *out = open_memstream(&markup, &size);

	markup_text(out, text);
	fclose(out);
	/* each & begins one of five entities; what is left is UTF-8 */
	assert(strpbrk(markup, "<>\"'") == NULL);
	for (p = strchr(markup, '&'); p != NULL; p = strchr(p + 1, '&'))
		assert(strncmp(p, "&amp;", 5) == 0 ||
		    strncmp(p, "&lt;", 4) == 0 || strncmp(p, "&gt;", 4) == 0 ||
		    strncmp(p, "&quot;", 6) == 0 ||
		    strncmp(p, "&#39;", 5) == 0);
	for (p = markup; *p != '\0'; p++)
		assert((unsigned char)*p >= 0x20 || strchr("\t\n\r", *p));
	string = json_string(markup);
	assert(string != NULL);
	json_decref(string);
	free(markup);
}

static void
fuzz_snapshot(const char *text, size_t size)
{
	struct statuspage_key key = { .len = 32 };
	char		      err[256], *out_text = NULL, *text_signed;
	json_t		     *snapshot, *back, *summary;
	size_t		      out_size;
	FILE		     *out;

	json_decref(statuspage_verify(&key, text, err, sizeof(err)));
	snapshot = json_parse_strict(text, size, err, sizeof(err));
	if (snapshot == NULL || !statuspage_check(snapshot, err, sizeof(err))) {
		json_decref(snapshot);
		return;
	}
	out = open_memstream(&out_text, &out_size);
	statuspage_html(out, snapshot);
	statuspage_atom(out, snapshot);
	fclose(out);
	free(out_text);
	summary = statuspage_summary_json(snapshot);
	assert(summary != NULL);
	json_decref(summary);
	text_signed = statuspage_sign(&key, snapshot);
	back = statuspage_verify(&key, text_signed, err, sizeof(err));
	assert(back != NULL && json_equal(back, snapshot));
	json_decref(back);
	free(text_signed);
	json_decref(snapshot);
}
