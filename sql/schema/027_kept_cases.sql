-- Which case a kept answer tells of: a redaction finds it by that.
alter table casework.idempotency_keys add column case_id bigint;
create index idempotency_keys_case on casework.idempotency_keys (case_id) where case_id is not null;
grant update (case_id) on casework.idempotency_keys
  to casework_contact, casework_partner, casework_staff, casework_telephony;
