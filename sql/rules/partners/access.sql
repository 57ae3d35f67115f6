-- What ends with a partner (2.10, 3.1): the identities of its people and machine
-- clients, and its webhooks. With the partner, and with the last of its
-- assignments: who serves one district still keeps them (choice). What has ended
-- does not come back; a person who returns is linked anew.

-- An assignment that is there or will be.
create or replace function rules.partner_serves(partner_id bigint) returns boolean
language plpgsql stable as $$
begin
  return exists (
    select from casework.partner_districts d
    where d.partner_id = partner_serves.partner_id and d.end_recorded_at is null
      and (d.valid_to is null or d.valid_to > rules.now()));
end $$;

-- The webhooks of a partner that is not active, or serves nobody. The owner's
-- rights: whose webhooks these are, nobody else writes them.
create or replace function rules.disable_webhooks_of_partner(partner_id bigint) returns bigint[]
language plpgsql security definer set search_path = '' as $$
declare
  ids bigint[];
begin
  with disabled as (
    update casework.webhooks w set (status, disabled_reason, updated_at, version)
      = ('disabled', 'owner_inactive', rules.now(), w.version + 1)
    where w.owner_kind = 'partner' and w.owner_id = partner_id and w.status = 'enabled'
      and not (rules.partner_serves(partner_id)
        and exists (select from casework.partners p where p.id = partner_id and p.active))
    returning w.id
  )
  select array_agg(d.id order by d.id) into ids from disabled d;
  perform rules.drop_pending_deliveries(w) from unnest(ids) as w;
  return coalesce(ids, '{}');
end $$;

-- Each webhook is recorded, and once what ended in all, which the partner is told by
-- mail (mail/partners.sql).
drop function if exists rules.end_partner_access(bigint);   -- it returned what it records now
create function rules.end_partner_access(partner_id bigint) returns void
language plpgsql as $$
declare
  webhook_ids bigint[] := rules.disable_webhooks_of_partner(partner_id);
  ended jsonb;
begin
  perform rules.record_desk_event('webhook.disabled', w::text, jsonb_build_array(
    rules.changed('status', '"enabled"', '"disabled"'),
    rules.changed('disabled_reason', null, '"owner_inactive"')), 'partner', partner_id)
  from unnest(webhook_ids) as w;
  perform rules.webhooks_wait(webhook_ids);
  ended := rules.end_identities_of(
    people => array(select p.id from casework.partner_people p where p.partner_id = end_partner_access.partner_id),
    clients => array(select c.id from casework.partner_clients c where c.partner_id = end_partner_access.partner_id));
  if webhook_ids <> '{}' then
    ended := ended || jsonb_build_array(rules.changed('webhook_ids', to_jsonb(webhook_ids), '[]'));
  end if;
  if ended <> '[]' then
    perform rules.record_desk_event('partner.access_ended', partner_id::text, ended, 'partner', partner_id);
  end if;
end $$;

revoke execute on function rules.disable_webhooks_of_partner from public;
grant execute on function rules.disable_webhooks_of_partner to casework_staff, casework_worker;
