/*
 * The methods that we know.
 */
#include "http_message.h"

static const char *const methods[HTTP_METHODS] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",
	[HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE",
	[HTTP_OPTIONS] = "OPTIONS",
};

const char *
http_method_name(enum http_method method)
{
	return methods[method];
}
