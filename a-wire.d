wire.o: api/connection/wire.c api/connection/wire.h
api/connection/wire.h:
