-- First statement of every request: who is calling, for this transaction only.
-- A caller who may not (any longer) call ends the transaction here, so that the
-- statement behind it in the pipeline never runs.

-- name: begin_contact
select
  case when c.authorized then set_config('cw.caller_id', c.id::text, true) else rules.refuse_contact() end,
  set_config('cw.district_id', c.district_id::text, true)
  , rules.act_for(:actor)  --? actor
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
from (values (:caller_id::bigint)) as w (id)
left join views.contact_identity c on c.id = w.id;

-- name: begin_partner
select
  case when p.active then set_config('cw.caller_id', p.id::text, true) else rules.refuse_caller() end,
  set_config('cw.district_ids', array(
    select a.district_id from views.partner_assignment a where a.partner_id = p.id)::text, true)
  , rules.act_for(:actor)  --? actor
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
from (values (:caller_id::bigint)) as w (id)
left join casework.partners p on p.id = w.id;

-- name: begin_staff
select
  case when s.active then set_config('cw.caller_id', s.id::text, true) else rules.refuse_caller() end
  , rules.act_for(:actor)  --? actor
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
from (values (:caller_id::bigint)) as w (id)
left join casework.staff s on s.id = w.id;

-- name: begin_telephony
select
  case when t.active then set_config('cw.caller_id', t.id::text, true) else rules.refuse_caller() end
  , rules.act_for(:actor)  --? actor
  , rules.take_key(:idempotency_key, :idempotency_fingerprint)  --? idempotency_key
from (values (:caller_id::bigint)) as w (id)
left join casework.telephony_clients t on t.id = w.id;

-- name: begin_public
select set_config('cw.caller_id', '', true);

-- Before the first large body of a contact: by district memory is shared out.

-- name: caller_district
select rules.district()::text as district_id;

-- Second statement of a request whose Idempotency-Key has an answer already.

-- name: replay_answer
select k.status::text as status, rules.repeated_body(k.body) as body, k.etag, k.location
from casework.idempotency_keys k
where k.caller_kind = rules.caller_kind() and k.caller_id = rules.caller_id() and k.key = :idempotency_key
  and k.body is not null;
