# The floors of the house, top to bottom: what the files of a folder of api/ may
# include besides their own and those of include/. Each folder is compiled with
# these paths and no others, so that a call upwards does not build; `make lint`
# holds the symbols of the objects against the same list.

FLOORS		= request contract schema auth connection database http common

SEES.api	= $(FLOORS)
SEES.request	= contract schema auth connection database http common
SEES.contract	= schema http common
SEES.schema	= common
SEES.auth	= common
SEES.connection	= http common
SEES.database	= common
SEES.http	= common
SEES.common	=

# The second program, casework-worker, on the same ground floors.
SEES.worker		= worker/mail worker/webhooks worker/issuers worker/imports worker/statuspage \
			  worker/traces worker/outgoing worker/thread schema http common
SEES.worker/mail	= worker/thread common
SEES.worker/webhooks	= worker/outgoing worker/thread common
SEES.worker/issuers	= worker/outgoing worker/thread http common
SEES.worker/imports	= worker/thread schema common
SEES.worker/outgoing	= worker/thread common
SEES.worker/statuspage	= common
SEES.worker/traces	= common
SEES.worker/thread	= common

# Libraries that not everybody sees.
SEES_KORE	= api connection database
SEES_LIBPQ	= api request database common worker worker/mail worker/webhooks \
		  worker/issuers worker/imports worker/statuspage worker/outgoing worker/thread
