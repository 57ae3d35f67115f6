-- name: get_home
select * from rules.home_page(:media_type, :public_url, :status_url);

-- name: get_case_page
select * from rules.case_page(:case_number::bigint, :media_type, :public_url);

-- name: get_announcements_page
select * from rules.announcements_page(:media_type, :public_url, :status_url);

-- name: get_announcements_feed
select rules.announcements_feed(:public_url) as body;
