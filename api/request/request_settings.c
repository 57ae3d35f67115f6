/*
 * The settings of requests, of which many steps need one.
 */
#include <string.h>

#include "request_settings.h"

const struct request_settings *request_settings;
const char		      *request_public_path;

void
request_configure(const struct request_settings *settings)
{
	const char *host = strstr(settings->public_url, "://") + 3;

	request_settings = settings;
	request_public_path = host + strcspn(host, "/");
}
