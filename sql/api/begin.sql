-- First statement of every request: who is calling, for this transaction only
-- (sql/rules/base/context.sql). A caller who may not (any longer) call ends the
-- transaction here, so that the statement behind it in the pipeline never runs.

-- name: begin_contact
select rules.begin_contact(:caller_id::bigint, :actor::text)
  , rules.begin_identity(:identity_id::bigint, :kid, :actor_identity_id::bigint)  --? identity_id
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
;

-- name: begin_partner
select rules.begin_partner(:caller_id::bigint, :actor::text)
  , rules.begin_identity(:identity_id::bigint, :kid, :actor_identity_id::bigint)  --? identity_id
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
;

-- name: begin_staff
select rules.begin_staff(:caller_id::bigint, :actor::text)
  , rules.begin_identity(:identity_id::bigint, :kid, :actor_identity_id::bigint)  --? identity_id
  , rules.require_role(:roles::text[])  --? roles
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
;

-- name: begin_telephony
select rules.begin_telephony(:caller_id::bigint, :actor::text)
  , rules.begin_identity(:identity_id::bigint, :kid, :actor_identity_id::bigint)  --? identity_id
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
;

-- The public is nobody and has no context.

-- name: begin_public
select null;

-- For a new token of an issuer: whose it is.

-- name: identify
select i.identity_id::text as identity_id, i.kind, i.caller_id::text as caller_id,
  i.actor_identity_id::text as actor_identity_id, i.actor
from rules.identify(:issuer_id::bigint, :subject, :email, :actor_subject, :proof::bytea) as i;

-- Before the first large body of a contact: by district memory is shared out.

-- name: caller_district
select rules.district()::text as district_id;

-- Second statement of a request whose Idempotency-Key has an answer already.

-- name: replay_answer
select k.status::text as status, rules.repeated_body(k.body) as body, k.etag, k.location
from casework.idempotency_keys k
where k.caller_kind = rules.caller_kind() and k.caller_id = rules.caller_id() and k.key = :idempotency_key
  and k.body is not null;
