schema_text.o: api/schema/schema_text.c api/schema/schema_internal.h \
 api/schema/schema.h include/arena.h
api/schema/schema_internal.h:
api/schema/schema.h:
include/arena.h:
