/*
 * Between two looks it waits for whichever comes first: sockets, or a wake.
 */
#include <stdlib.h>

#include "monotonic.h"
#include "stopping.h"
#include "transfers.h"
#include "wake.h"

#define LOOK_US 500000 /* between two looks when nobody wakes it */
#define POLL_MS 250

static void look(struct transfers *, struct session *, long);
static void finish(struct transfers *, struct session *);

void
transfers_run(struct transfers *t, long most)
{
	struct session s = { .name = t->name };
	int64_t	       looked_at = 0;
	unsigned long  seen = wake_count(), count;
	int	       still;

	if (most == 0)
		return;
	t->has_room = true;
	if ((t->multi = curl_multi_init()) == NULL)
		abort();
	while (!stopping() || t->running > 0) {
		count = wake_count();
		if (!stopping() && session_up(&s) &&
		    (t->has_room || count != seen ||
			monotonic_us() - looked_at > LOOK_US)) {
			looked_at = monotonic_us();
			seen = count;
			look(t, &s, most);
		}
		(void)curl_multi_perform(t->multi, &still);
		finish(t, &s);
		if (t->running > 0)
			(void)curl_multi_poll(t->multi, NULL, 0, POLL_MS, NULL);
		else if (!t->has_room)
			wake_wait(seen, POLL_MS);
	}
	curl_multi_cleanup(t->multi);
	session_close(&s);
}

static void
look(struct transfers *t, struct session *s, long most)
{
	t->has_room = false;
	while (t->running < most && !stopping() && s->pg != NULL && t->lease(s))
		;
}

static void
finish(struct transfers *t, struct session *s)
{
	CURLMsg *message;
	int	 left;

	while ((message = curl_multi_info_read(t->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			t->over(s, outgoing_of(message->easy_handle),
			    message->data.result);
}

void
transfers_begun(struct transfers *t)
{
	t->running++;
}

void
transfers_ended(struct transfers *t)
{
	t->running--;
	t->has_room = true;
}
