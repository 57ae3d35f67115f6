/*
 * A request of the service's log as a span of OpenTelemetry (OTLP 1, JSON).
 */
#ifndef CASEWORK_SPAN_H
#define CASEWORK_SPAN_H

#include <jansson.h>

/* The span, the caller's; or NULL: the line is no request, or not sampled. */
json_t *span_of_line(const char *line);
/* ExportTraceServiceRequest of these spans, which it takes. */
json_t *span_export(const char *service, json_t *spans);

#endif
