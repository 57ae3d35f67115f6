-- What people call a platform, so that "Windows 11 Pro", "Chromebook" and
-- "Chrome 131" are known for what they are. As data: what is missing is added
-- here, and nothing else changes.
--
-- name: words in lower case, as rules.words_of_platform makes them. version: the
-- name says it already ("macos sonoma"). counts: a number behind the name is its
-- version; behind the name of a device it is the device's ("iPad 9").

insert into casework.platforms (name, minimum_version) values
  ('Android', '10'), ('Chrome', '120'), ('Edge', '120'), ('Firefox', '115'), ('Safari', '16'), ('iOS', '16')
on conflict do nothing;

create table casework.platform_names (
  name     text primary key check (name ~ '^[a-z]+( [a-z]+| [0-9]+([.][0-9]+)*)*$'),
  platform text not null references casework.platforms on update cascade,
  version  text check (version ~ '^[0-9]{1,9}([.][0-9]{1,9})*$'),
  counts   boolean not null default true
);
grant select on casework.platform_names
  to casework_contact, casework_partner, casework_staff, casework_public;

insert into casework.platform_names (name, platform) values
  ('windows', 'Windows'), ('win', 'Windows'),
  ('windows server', 'Windows Server'), ('win server', 'Windows Server'),
  ('macos', 'macOS'), ('mac os', 'macOS'), ('mac os x', 'macOS'), ('os x', 'macOS'), ('osx', 'macOS'), ('mac', 'macOS'),
  ('chromeos', 'ChromeOS'), ('chrome os', 'ChromeOS'), ('chromeos flex', 'ChromeOS'), ('chrome os flex', 'ChromeOS'),
  ('ipados', 'iPadOS'), ('ipad os', 'iPadOS'), ('ios', 'iOS'), ('iphone os', 'iOS'),
  ('android', 'Android'), ('chrome', 'Chrome'), ('chromium', 'Chrome'), ('edge', 'Edge'), ('firefox', 'Firefox'),
  ('safari', 'Safari');

insert into casework.platform_names (name, platform, counts) values
  ('chromebook', 'ChromeOS', false), ('chromebooks', 'ChromeOS', false), ('chromebox', 'ChromeOS', false),
  ('ipad', 'iPadOS', false), ('ipads', 'iPadOS', false), ('iphone', 'iOS', false),
  ('macbook', 'macOS', false), ('imac', 'macOS', false), ('mac mini', 'macOS', false), ('mac pro', 'macOS', false),
  ('mac studio', 'macOS', false);

-- Names of versions, and versions whose number means another thing.
insert into casework.platform_names (name, platform, version) values
  ('windows 95', 'Windows', '4.0'), ('windows 98', 'Windows', '4.1'), ('windows me', 'Windows', '4.9'),
  ('windows 2000', 'Windows', '5.0'), ('windows xp', 'Windows', '5.1'), ('windows vista', 'Windows', '6.0'),
  ('windows 2003', 'Windows Server', '2003'), ('windows 2008', 'Windows Server', '2008'),
  ('windows 2012', 'Windows Server', '2012'), ('windows 2016', 'Windows Server', '2016'),
  ('windows 2019', 'Windows Server', '2019'), ('windows 2022', 'Windows Server', '2022'),
  ('windows 2025', 'Windows Server', '2025'),
  ('mavericks', 'macOS', '10.9'), ('yosemite', 'macOS', '10.10'), ('el capitan', 'macOS', '10.11'),
  ('high sierra', 'macOS', '10.13'), ('mojave', 'macOS', '10.14'), ('catalina', 'macOS', '10.15'),
  ('big sur', 'macOS', '11'), ('monterey', 'macOS', '12'), ('ventura', 'macOS', '13'), ('sonoma', 'macOS', '14'),
  ('sequoia', 'macOS', '15'), ('tahoe', 'macOS', '26'),
  ('internet explorer', 'Edge', '11'), ('ie', 'Edge', '11');
