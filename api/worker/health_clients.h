/*
 * The clients of the health port: many at once, each for a short while, one
 * request and one answer. Whoever drips, says nothing or does not read takes
 * a place for some seconds, and gives it up sooner to somebody new.
 */
#ifndef CASEWORK_HEALTH_CLIENTS_H
#define CASEWORK_HEALTH_CLIENTS_H

#include <stdio.h>

#include "http_message.h"

/* A whole answer, written to the stream. The message is NULL when what came
 * is not one: status and detail (a sentence) say why. */
typedef void (*health_answer)(const struct http_message *, int status,
    const char *detail, FILE *);

/* Serves until the worker stops. The listener must not block. */
void health_clients_run(int listener, health_answer);

#endif
