/*
 * Which few of many are worth a place: those that are used most. Uses are
 * counted, of what has a place exactly and of all others about, and every count
 * is halved from time to time. So whoever goes through thousands of rare ones
 * cannot drive out what others use all the time, and what nobody uses any more
 * gives way.
 */
#ifndef CASEWORK_POPULAR_H
#define CASEWORK_POPULAR_H

#include <stdbool.h>
#include <stdint.h>

#define POPULAR_PLACES_MAX 512
#define POPULAR_OTHERS	   2048

/* Zero is none. popular_start() before the first use. */
struct popular {
	unsigned places, taken;
	unsigned seen; /* uses since the counts were halved */
	struct popular_place {
		uint64_t key;
		uint32_t held; /* it may not give way */
		uint16_t next; /* of those that share a hash, from 1; 0: none */
		uint8_t	 uses;
	} * place;
	uint16_t first[POPULAR_PLACES_MAX];
	/* two counts of each; what it shares them with differs */
	uint8_t others[2][POPULAR_OTHERS];
};

struct popular_use {
	int	 place;	 /* 0 …; -1: it is not worth one */
	bool	 is_new; /* it got the place just now */
	uint64_t before; /* from whom it got it; 0: it was free */
};

/* Empties it; places is POPULAR_PLACES_MAX at most. */
void popular_start(struct popular *, unsigned places);
/* Counts a use of key, which is not 0. */
struct popular_use popular_use(struct popular *, uint64_t key);
/* While it is held it keeps its place. */
void popular_hold(struct popular *, int place);
void popular_give(struct popular *, int place);
/* Takes its place away, if it has one. */
void popular_drop(struct popular *, uint64_t key);

#endif
