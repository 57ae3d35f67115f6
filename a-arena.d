arena.o: api/common/arena.c include/arena.h
include/arena.h:
