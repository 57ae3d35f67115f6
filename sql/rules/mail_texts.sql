-- What is written to whom about which event. No mail holds the text of a note,
-- a name or any other personal data: it says what happened to which case, and
-- where to read it. {case} is the number of the case; rules.mail_footer, with
-- the link, ends each text.
delete from rules.mail_texts;
insert into rules.mail_texts (type, by_kinds, audience, subject, text) values
  ('case.submitted', '{contact,staff,partner,system}', 'involved',
   'Case {case} was submitted',
   'Case {case} was submitted for you at the support desk.'),
  ('case.note_added', '{staff,partner,system}', 'involved',
   'Case {case}: new note from Support',
   'Support has written a note on case {case}.'),
  ('case.note_added', '{contact}', 'advisor',
   'Case {case}: new note from the district',
   'An Authorized Contact has written a note on case {case}, which is assigned to you.'),
  ('case.resolved', '{staff,partner,system}', 'involved',
   'Case {case}: please verify the resolution',
   'Support has explained the resolution of case {case} and asks you to verify it. '
   'Close the case if it is resolved; write a note in the case if it is not.'),
  ('case.closed', '{contact,staff,partner,system}', 'involved',
   'Case {case} was closed',
   'Case {case} was closed. If it is not resolved, you can reopen it within 60 days.'),
  ('case.escalated', '{staff,partner,system}', 'involved',
   'Case {case} was escalated',
   'Case {case} was escalated to another team. A note in the case says what happens next.'),
  ('case.followed_up', '{staff,partner,system}', 'involved',
   'Case {case} waits for your verification',
   'The resolution of case {case} waits for your verification. '
   'Without an answer the case is closed after ten business days.'),
  ('case.available_in_release', '{staff,partner,system}', 'involved',
   'Case {case}: a fix is available in a release',
   'The product defect behind case {case} is fixed. The case is now Available in Release; '
   'a note in the case names the release.'),
  ('case.defect_fixed', '{staff,partner,system}', 'involved',
   'Case {case}: a product defect was fixed',
   'A product defect linked to case {case} is fixed. A note in the case names the release.'),
  ('survey.invited', '{contact,staff,partner,system}', 'survey',
   'How was the support for case {case}?',
   E'Case {case} was closed. Please rate the support you received, in five short questions:\n{survey}\n\n'
   'If you do not want to receive surveys, opt out here:\n{unsubscribe}'),
  ('incident.opened', '{staff,system}', 'affected',
   'An incident may affect your district',
   'We know of an incident that may affect your district. What is known stands in the Support Case Portal. '
   'If you see similar symptoms, please submit a case; a phone call is not necessary.'),
  ('incident.update_added', '{staff,system}', 'affected',
   'News about an incident',
   'There is news about an incident that may affect your district. It stands in the Support Case Portal.'),
  ('incident.email_enabled', '{staff,system}', 'affected',
   'An incident may affect your district',
   'We know of an incident that may affect your district. What is known stands in the Support Case Portal.'),
  ('incident.resolved', '{staff,system}', 'affected',
   'An incident is resolved',
   'An incident that may have affected your district is resolved.'),
  ('webhook.failing', '{system}', 'owner',
   'Webhook {webhook} is failing',
   'Your webhook {webhook} has not taken an event for more than two days. It is tried once more in a day; '
   'if that fails, the webhook is disabled. Its log of deliveries says what happened.'),
  ('webhook.disabled', '{system}', 'owner',
   'Webhook {webhook} was disabled',
   'Your webhook {webhook} was disabled: it has not taken an event, or has said that it is gone. '
   'Test it to enable it again; what it has missed is in the event feed and can be delivered again.');
