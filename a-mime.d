mime.o: api/worker/mail/mime.c api/worker/mail/mime.h include/arena.h \
 include/text.h include/utf8.h
api/worker/mail/mime.h:
include/arena.h:
include/text.h:
include/utf8.h:
