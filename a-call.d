call.o: api/request/call.c api/request/call.h api/request/request.h \
 include/arena.h api/common/caller.h api/connection/connection.h \
 include/http_parse.h include/http_message.h api/connection/wire.h \
 api/request/cursor.h api/database/db.h api/common/query.h \
 api/contract/operation.h api/http/fields.h include/http_message.h \
 api/schema/schema.h api/contract/statement.h api/request/problem.h \
 api/contract/operation_bind.h api/contract/operation.h
api/request/call.h:
api/request/request.h:
include/arena.h:
api/common/caller.h:
api/connection/connection.h:
include/http_parse.h:
include/http_message.h:
api/connection/wire.h:
api/request/cursor.h:
api/database/db.h:
api/common/query.h:
api/contract/operation.h:
api/http/fields.h:
include/http_message.h:
api/schema/schema.h:
api/contract/statement.h:
api/request/problem.h:
api/contract/operation_bind.h:
api/contract/operation.h:
