/*
 * Loading the contract. Everything lives as long as the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "statement.h"

struct document document_json, document_yaml;

static void put_server(struct document *, const char *, const char *,
    const char *, const char *);

int
document_load(const struct document *json, const struct document *yaml,
    const struct document *statements, const struct operation_setup *setup,
    char *err, size_t errlen)
{
	document_json = *json;
	document_yaml = *yaml;
	etag_of(document_json.etag, json->text, json->len);
	etag_of(document_yaml.etag, yaml->text, yaml->len);
	if (statement_load(statements->text, statements->len, err, errlen) ==
	    -1)
		return -1;
	return operation_load(json->text, json->len, setup, err, errlen);
}

void
document_serve_at(const char *url)
{
	put_server(&document_json, "\"servers\":[{\"url\":", "\"/\"", "}", url);
	put_server(&document_yaml, "servers:\n- url: ", "/", "\n", url);
}

/* In the place of the root that stands between two other things. */
static void
put_server(struct document *d, const char *key, const char *root,
    const char *end, const char *url)
{
	char  *mark = NULL, *text = NULL;
	char  *at;
	size_t len;
	FILE  *out;

	if (asprintf(&mark, "%s%s%s", key, root, end) == -1)
		abort();
	at = memmem(d->text, d->len, mark, strlen(mark));
	free(mark);
	if (at == NULL)
		return;
	at += strlen(key);
	out = open_memstream(&text, &len);
	if (out == NULL)
		abort();
	fwrite(d->text, 1, (size_t)(at - d->text), out);
	fprintf(out, "\"%s\"", url);
	at += strlen(root);
	fwrite(at, 1, d->len - (size_t)(at - d->text), out);
	if (fclose(out) != 0)
		abort();
	d->text = text;
	d->len = len;
	etag_of(d->etag, text, len);
}
