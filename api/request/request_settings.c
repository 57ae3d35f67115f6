/*
 * The settings of requests, of which many steps need one.
 */
#include "request_settings.h"

const struct request_settings *request_settings;

void
request_configure(const struct request_settings *settings)
{
	request_settings = settings;
}
