/*
 * Names of files: see filename.h. The strictest of the common disks is that of
 * Windows, which also takes some names for devices.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "filename.h"
#include "unicode.h"
#include "utf8.h"

static const char *fault_of(uint32_t, uint32_t);
static bool	   joins(uint32_t, uint32_t);
static bool	   is_device(const char *);

const char *
filename_fault(const char *name)
{
	const size_t len = strlen(name);
	const char  *p, *fault;
	bool	     shows, any = false;
	uint32_t     c, before = 0; /* of what shows, otherwise 0 */
	size_t	     n;

	for (p = name; *p != '\0'; p += n) {
		n = utf8_decode(p, &c);
		fault = n == 0 ? "A file name is UTF-8." : fault_of(c, before);
		if (fault != NULL)
			return fault;
		shows = unicode_properties(c) == 0 || joins(c, before);
		any |= shows && c != '.';
		before = shows ? c : 0;
	}
	if (!any)
		return "A file name is more than dots, spaces and what cannot "
		       "be seen.";
	if (name[len - 1] == '.' || name[len - 1] == ' ')
		return "A file name does not end in a dot or a space: "
		       "Windows would cut it off.";
	if (is_device(name))
		return "A file name is none of Windows' devices, such as NUL "
		       "or COM1, whatever stands behind the dot.";
	return len > FILENAME_BYTES_MAX ?
	    "A file name has 255 bytes of UTF-8 at most." :
	    NULL;
}

static const char *
fault_of(uint32_t c, uint32_t before)
{
	const unsigned properties = unicode_properties(c);

	if (properties & UNICODE_CONTROL)
		return "A file name is UTF-8 without control characters.";
	if (properties & UNICODE_LINE_END)
		return "A file name is one line: it has no U+2028 or U+2029.";
	if (properties & UNICODE_BIDI)
		return "A file name has no character that turns the direction "
		       "of reading, such as U+202E: it would show another "
		       "ending than it has.";
	if ((properties & (UNICODE_IGNORABLE | UNICODE_FORMAT)) != 0 &&
	    !joins(c, before))
		return "A file name has no character that cannot be seen, "
		       "such as U+200B: two names would look the same.";
	if (c < 0x80 && strchr("/\\:*?\"<>|", (int)c) != NULL)
		return "A file name holds none of / \\ : * ? \" < > | : not "
		       "every disk takes them.";
	return NULL;
}

/*
 * What changes the look of the character before it: the joiners of scripts and
 * of emoji, variations, and the tags that tell flags apart. Behind ASCII it
 * changes nothing, but for the keys of a telephone (1, U+FE0F, U+20E3).
 */
static bool
joins(uint32_t c, uint32_t before)
{
	if (before < 0x80)
		return c == 0xfe0f && before != 0 &&
		    strchr("0123456789#*", (int)before) != NULL;
	return c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f) ||
	    (c >= 0x180b && c <= 0x180f && c != 0x180e) ||
	    (c >= 0xe0020 && c <= 0xe007f) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* Up to the first dot, in any case; a digit may be superscript. */
static bool
is_device(const char *name)
{
	static const char *const devices[] = { "con", "prn", "aux", "nul",
		"conin$", "conout$" };
	size_t			 len = strcspn(name, "."), i;

	while (len > 0 && name[len - 1] == ' ')
		len--;
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (len == strlen(devices[i]) &&
		    strncasecmp(name, devices[i], len) == 0)
			return true;
	if (strncasecmp(name, "com", 3) != 0 &&
	    strncasecmp(name, "lpt", 3) != 0)
		return false;
	return (len == 4 && isdigit((unsigned char)name[3])) ||
	    (len == 5 &&
		(memcmp(name + 3, "\xc2\xb9", 2) == 0 ||
		    memcmp(name + 3, "\xc2\xb2", 2) == 0 ||
		    memcmp(name + 3, "\xc2\xb3", 2) == 0));
}
