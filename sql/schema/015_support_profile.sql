-- What the support desk says of itself in public, as data (fact 18).
create table casework.support_facts (
  code      text not null,
  year      smallint,
  statement text not null,
  position  smallint not null unique,
  unique nulls not distinct (code, year)
);
insert into casework.support_facts (code, year, statement, position) values
  ('average_tenure', null, 'The average tenure of the Support team is over six years.', 1),
  ('certification', null, 'The team is certified through HDI.', 2),
  ('award_culture', 2024, 'HDI award: Best Service and Support Culture.', 3),
  ('award_manager', 2020, 'HDI award: Best Service and Support Manager.', 4),
  ('award_culture', 2019, 'HDI award: Best Service and Support Culture.', 5),
  ('award_organization', 2019, 'HDI award: Best Service and Support Organization.', 6),
  ('award_organization', 2013, 'HDI award: Best Service and Support Organization.', 7);
grant select on casework.support_facts
  to casework_contact, casework_partner, casework_staff, casework_telephony, casework_public;
