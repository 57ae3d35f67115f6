/*
 * Answers that the document says may be kept (x-cache), for callers who are
 * nobody in particular: they are asked of the database once for everybody, and
 * given to all until they are as old as they may get.
 */
#ifndef CASEWORK_PUBLIC_CACHE_H
#define CASEWORK_PUBLIC_CACHE_H

struct request;

enum public_cache_answer {
	PUBLIC_CACHE_NONE, /* ask the database; asked(), keep() what it says */
	PUBLIC_CACHE_HIT,  /* it is in r->reply */
	PUBLIC_CACHE_WAIT  /* somebody else is asking: go_on() follows */
};

/*
 * go_on() has an answer, or a problem; or neither, and is to ask: if it is not
 * yet the one who asks for all (public_answer), after another look.
 */
void			 public_cache_start(void (*go_on)(struct request *));
enum public_cache_answer public_cache_look(struct request *);
/* It has been sent. If it waits for no turn, it asks for all who want that. */
void public_cache_asked(struct request *);
/* The answer in r->reply is for all who wait for it, and for those to come. */
void public_cache_keep(struct request *);
/*
 * There is none, but r->problem: that is for those who wait, unless it is of
 * this source only.
 */
void public_cache_fail(struct request *);
/* The request ends. If nobody else is asking for it, the next one does. */
void public_cache_leave(struct request *);

#endif
