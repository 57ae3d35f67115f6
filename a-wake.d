wake.o: api/worker/thread/wake.c api/worker/thread/stopping.h \
 api/worker/thread/wake.h
api/worker/thread/stopping.h:
api/worker/thread/wake.h:
