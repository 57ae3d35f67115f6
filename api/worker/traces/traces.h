/*
 * `casework-worker traces`: the requests in a log of the service, as spans to a
 * collector of OpenTelemetry (OTLP over HTTP, JSON). The service pays for it
 * with two members of its log's lines, and waits for nobody.
 */
#ifndef CASEWORK_TRACES_H
#define CASEWORK_TRACES_H

/* Named as OpenTelemetry names them for every program. */
struct traces_settings {
	const char *endpoint; /* base URL; /v1/traces is what is posted to */
	const char *headers;  /* name=value,name=value; values %-encoded */
	const char *service;  /* service.name */
};

/*
 * Follows the log that argv[1] names, "-" standard input, until SIGTERM or its
 * end. The exit code.
 */
int traces_command(const struct traces_settings *, int argc, char **argv);

#endif
