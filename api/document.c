/*
 * Loading the contract. Both parts live as long as the process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "document.h"
#include "embedded.h"
#include "etag.h"
#include "operation.h"
#include "statement.h"

#define FILE_MAX (8 * 1024 * 1024)

struct document document_json, document_yaml;

static int read_file(const char *, struct document *, char *, size_t);

int
document_load(char *err, size_t errlen)
{
	struct document statements = {
		.text = embedded_statements,
		.len = (size_t)(embedded_statements_end - embedded_statements),
	};

	document_json.text = embedded_openapi_json;
	document_json.len =
	    (size_t)(embedded_openapi_json_end - embedded_openapi_json);
	document_yaml.text = embedded_openapi_yaml;
	document_yaml.len =
	    (size_t)(embedded_openapi_yaml_end - embedded_openapi_yaml);
	if (read_file(config.openapi_file, &document_json, err, errlen) == -1 ||
	    read_file(config.statements_file, &statements, err, errlen) == -1)
		return (-1);
	etag_of(document_json.etag, document_json.text, document_json.len);
	etag_of(document_yaml.etag, document_yaml.text, document_yaml.len);

	if (statement_load(statements.text, statements.len, err, errlen) == -1)
		return (-1);
	return (operation_load(document_json.text, document_json.len, err,
	    errlen));
}

/* No name: the embedded text stays. */
static int
read_file(const char *name, struct document *d, char *err, size_t errlen)
{
	FILE *f;
	char *text;

	if (*name == '\0')
		return (0);
	f = fopen(name, "r");
	text = malloc(FILE_MAX);
	if (f == NULL || text == NULL) {
		snprintf(err, errlen, "%s: %s", name, strerror(errno));
		free(text);
		if (f != NULL)
			(void)fclose(f);
		return (-1);
	}
	d->len = fread(text, 1, FILE_MAX, f);
	d->text = text;
	(void)fclose(f);
	return (0);
}
