-- How a person wants its mail, by itself and by the links of mails.

-- name: get_mail_preferences
select * from rules.get_mail_preferences();

-- name: update_mail_preferences
select * from rules.update_mail_preferences(:if_match::bigint[], :body::jsonb);

-- name: get_mail_opt_out
select * from rules.answer_mail_opt_out(:mail_opt_out_token, false, null, :media_type);

-- name: opt_out_of_mail
select * from rules.answer_mail_opt_out(:mail_opt_out_token, true, :faults::jsonb, :media_type);
