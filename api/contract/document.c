/*
 * Loading the contract. Everything lives as long as the process.
 */
#include "document.h"
#include "statement.h"

struct document document_json, document_yaml;

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
