uri.o: api/http/uri.c api/http/uri.h include/arena.h include/utf8.h
api/http/uri.h:
include/arena.h:
include/utf8.h:
