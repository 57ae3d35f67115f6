/*
 * Unit test of mime.c: headers, encoded words, quoted-printable.
 */
#include "mime.h"
#include "unit.h"

static struct arena *arena;

static const struct mime_mail good = {
	.from = "no-reply@desk.example",
	.to = "contact@district.example",
	.subject = "Case 100001 was closed",
	.message_id = "3f0e@desk.example",
	.date = 1795463999,
	.text = "Case 100001 was closed.\n",
	.html = "<p>Case 100001 was closed.</p>\n",
};

static const char *
build(struct mime_mail mail)
{
	const char *why, *text;
	size_t	    len = 0;

	text = mime_build(arena, &mail, &len, &why);
	CHECK(text == NULL || len == strlen(text));
	return text == NULL ? why : text;
}

static void
test_a_mail_says_what_it_is(void)
{
	CHECK_STR(build(good),
	    "From: no-reply@desk.example\r\n"
	    "To: contact@district.example\r\n"
	    "Date: Mon, 23 Nov 2026 19:59:59 +0000\r\n"
	    "Subject: Case 100001 was closed\r\n"
	    "Message-ID: <3f0e@desk.example>\r\n"
	    "Auto-Submitted: auto-generated\r\n"
	    "MIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative;"
	    " boundary=\"=_alternative\"\r\n"
	    "\r\n"
	    "--=_alternative\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "Case 100001 was closed.\r\n"
	    "\r\n"
	    "--=_alternative\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n"
	    "<p>Case 100001 was closed.</p>\r\n"
	    "\r\n"
	    "--=_alternative--\r\n");
}

static void
test_a_mail_can_offer_to_unsubscribe_with_one_click(void)
{
	struct mime_mail mail = good;

	mail.unsubscribe = "https://desk.example/opt-out/abc";
	CHECK_HAS(build(mail),
	    "\r\nList-Unsubscribe: <https://desk.example/opt-out/abc>\r\n"
	    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static void
test_a_mail_can_belong_to_a_thread(void)
{
	struct mime_mail mail = good;

	mail.thread = "case-100001@desk.example";
	CHECK_HAS(build(mail), "\r\nMessage-ID: <3f0e@desk.example>\r\n");
	CHECK_HAS(build(mail),
	    "\r\nIn-Reply-To: <case-100001@desk.example>\r\n"
	    "References: <case-100001@desk.example>\r\n");
}

static void
test_no_value_becomes_a_header(void)
{
	static const char *const addresses[] = { "", "@", "a@", "@b", "a@b@c",
		"a b@c", "a@b\r\nBcc: x@y", "a@b\n", "<a@b>", "a@b,c@d",
		"\xc3\xa9@b", "a\"@b", "a@b\x7f" };
	static const char *const subjects[] = { "", "a\nb", "a\rb",
		"a\r\nBcc: x@y", "a\tb", "a\x7f" };
	static const char *const links[] = { "", "mailto:a@b", "https://a b",
		"https://a\r\nX: y", "https://a>", "javascript:1" };
	struct mime_mail	 mail;
	size_t			 i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		unit_case = addresses[i];
		mail = good;
		mail.to = addresses[i];
		CHECK_STR(build(mail), "To");
		mail = good;
		mail.from = addresses[i];
		CHECK_STR(build(mail), "From");
		mail = good;
		mail.message_id = addresses[i];
		CHECK_STR(build(mail), "Message-ID");
		mail = good;
		mail.thread = addresses[i];
		CHECK_STR(build(mail), "References");
	}
	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		unit_case = subjects[i];
		mail = good;
		mail.subject = subjects[i];
		CHECK_STR(build(mail), "Subject");
	}
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		unit_case = links[i];
		mail = good;
		mail.unsubscribe = links[i];
		CHECK_STR(build(mail), "List-Unsubscribe");
	}
}

static void
test_a_sender_has_a_name_that_is_a_name_only(void)
{
	struct mime_mail mail = good;

	mail.from_name = "Support, \"<x@y>\"";
	CHECK_HAS(build(mail),
	    "From: =?utf-8?Q?Support=2C=20=22=3Cx=40y=3E=22?=\r\n"
	    " <no-reply@desk.example>\r\nTo: ");
	mail.from_name = "Support\r\nBcc: x@y";
	CHECK_STR(build(mail), "From");
}

static void
test_a_subject_beyond_ascii_is_in_encoded_words(void)
{
	struct mime_mail mail = good;

	mail.subject = "F\xc3\xa4lle";
	CHECK_HAS(build(mail), "\r\nSubject: =?utf-8?Q?F=C3=A4lle?=\r\n");
	mail.subject = "=?utf-8?Q?not_encoded?=";
	CHECK_HAS(build(mail), "\r\nSubject: =?utf-8?Q?=3D=3Futf");
	mail.subject = "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		       "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac";
	CHECK_HAS(build(mail),
	    "\r\nSubject: =?utf-8?Q?=E2=82=AC=E2=82=AC=E2=82=AC=E2=82=AC"
	    "=E2=82=AC=E2=82=AC?=\r\n =?utf-8?Q?=E2=82=AC?=\r\n");
}

static void
test_the_text_is_quoted_printable(void)
{
	static const struct {
		const char *text, *quoted;
	} cases[] = {
		{ "", "" },
		{ "a=b", "a=3Db\r\n" },
		{ "a \nb\t", "a=20\r\nb=09\r\n" },
		{ "\n\n.\n", "\r\n\r\n.\r\n" },
		{ "a\r\n", "a=0D\r\n" },
		{ "\xc3\xa9", "=C3=A9\r\n" },
		{ "--=_alternative--", "--=3D_alternative--\r\n" },
	};
	struct mime_mail mail = good;
	size_t		 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].text;
		mail.text = mail.html = cases[i].text;
		CHECK_STR(strstr(build(mail), "\r\n\r\n"),
		    arena_printf(arena,
			"\r\n\r\n"
			"--=_alternative\r\n"
			"Content-Type: text/plain; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
			"%s\r\n--=_alternative\r\n"
			"Content-Type: text/html; charset=utf-8\r\n"
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
			"%s\r\n--=_alternative--\r\n",
			cases[i].quoted, cases[i].quoted));
	}
}

static void
test_no_line_is_too_long(void)
{
	struct mime_mail mail = good;
	char		 text[500];
	const char	*line, *end;

	memset(text, 'x', sizeof(text));
	text[100] = (char)0xc3;
	text[101] = (char)0xa9;
	text[sizeof(text) - 1] = '\0';
	mail.text = mail.html = text;
	mail.subject = text + 10;
	for (line = build(mail); *line != '\0'; line = end + 2) {
		end = strstr(line, "\r\n");
		CHECK(end != NULL && end - line <= 76);
		if (end == NULL)
			break;
	}
}

int
main(void)
{
	arena = arena_new();
	RUN(test_a_mail_says_what_it_is);
	RUN(test_a_mail_can_offer_to_unsubscribe_with_one_click);
	RUN(test_a_mail_can_belong_to_a_thread);
	RUN(test_no_value_becomes_a_header);
	RUN(test_a_sender_has_a_name_that_is_a_name_only);
	RUN(test_a_subject_beyond_ascii_is_in_encoded_words);
	RUN(test_the_text_is_quoted_printable);
	RUN(test_no_line_is_too_long);
	arena_free(arena);
	return unit_end("mime");
}
