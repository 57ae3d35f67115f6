route.o: api/contract/route.c api/contract/route.h \
 api/contract/operation.h api/common/caller.h api/http/fields.h \
 include/arena.h include/http_message.h api/common/query.h \
 api/schema/schema.h api/contract/statement.h include/text.h
api/contract/route.h:
api/contract/operation.h:
api/common/caller.h:
api/http/fields.h:
include/arena.h:
include/http_message.h:
api/common/query.h:
api/schema/schema.h:
api/contract/statement.h:
include/text.h:
