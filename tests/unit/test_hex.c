/*
 * Unit test of hexadecimal digits.
 */
#include "hex.h"
#include "unit.h"

static void
test_bytes_become_two_digits_each(void)
{
	static const unsigned char bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xab,
		0xff };
	char			   text[2 * sizeof(bytes) + 1];

	CHECK(hex_encode(text, bytes, sizeof(bytes)) == text + 12);
	CHECK_STR(text, "00017f80abff");
	CHECK(hex_encode(text, bytes, 0) == text);
	CHECK_STR(text, "");
}

int
main(void)
{
	RUN(test_bytes_become_two_digits_each);
	return unit_end("hex");
}
