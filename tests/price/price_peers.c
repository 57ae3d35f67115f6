/*
 * Where the counting ends: what the engine says to sockets and to PostgreSQL is
 * taken here, in vain.
 */
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "connection_input.h"
#include "connection_source.h"
#include "db.h"
#include "db_loss.h"
#include "db_probe.h"
#include "price.h"
#include "price_client.h"

/* ---- where sockets begin ---- */

void
connection_reply(struct client *c, const char *head, size_t head_len,
    const struct wire_body *body, bool keep_alive)
{
	(void)keep_alive;
	c->answered = true;
	price_count(PRICE_SYSTEM_CALL);
	price.status = atoi(head + strlen("HTTP/1.1 "));
	price.answer = head_len + body->len;
	if (body->release != NULL)
		body->release(body->owner);
}

void
connection_receive(struct client *c, size_t max, size_t part)
{
	c->receiving = true;
	c->parser.body_max = max;
	(void)part;
}

void
connection_receive_on(struct client *c)
{
	(void)c;
}

void
connection_drop_body(struct client *c)
{
	(void)c;
}

bool
connection_draining(void)
{
	return false;
}

const char *
connection_source(const struct client *c)
{
	(void)c;
	return "192.0.2.1";
}

bool
connection_is_proxy(const struct client *c)
{
	(void)c;
	return false;
}

bool
connection_trusts(int family, const unsigned char *address)
{
	(void)family;
	(void)address;
	return false;
}

unsigned
connection_count(void)
{
	return 1;
}

unsigned
connection_count_busy(void)
{
	return 1;
}

/* ---- where PostgreSQL begins: it is written to and read from, in vain ---- */

enum db_answer
db_send(struct db_call *call)
{
	(void)call;
	price_count(2 * PRICE_SYSTEM_CALL);
	return DB_GONE;
}

bool
db_withdraw(struct db_call *call)
{
	(void)call;
	return false;
}

unsigned
db_prepared(void)
{
	return 0;
}

unsigned
db_inflight(void)
{
	return 0;
}

unsigned
db_connected(void)
{
	return 0;
}

unsigned
db_expected(void)
{
	return 0;
}

unsigned
db_abandoned(void)
{
	return 0;
}

static struct db_counts counts;
struct db_counts       *db_counts = &counts;

const char *
db_loss_name(enum db_loss loss)
{
	(void)loss;
	return "ended";
}

void
db_probe_read(unsigned i, struct db_check *check)
{
	*check = (struct db_check){ .name = i == 0 ? "contact" : "writes" };
}

unsigned
db_probe_inflight(void)
{
	return 0;
}

const char *
db_finding_name(enum db_finding finding)
{
	(void)finding;
	return "ok";
}
