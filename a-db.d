db.o: api/database/db.c api/database/db_conn.h api/database/db.h \
 api/common/caller.h api/common/query.h
api/database/db_conn.h:
api/database/db.h:
api/common/caller.h:
api/common/query.h:
