#!/usr/bin/python3
"""What Unicode says of characters, out of Debian's package unicode-data: the
one source for the engine (a table in C, api/common/unicode.c) and for the
document (the patterns of the formats text and text-line, by bundle.py).

Usage: characters.py HEADER         writes the table
"""
import pathlib
import re
import sys

DATA = pathlib.Path("/usr/share/unicode")
CHARACTERS = 0x110000
LAST = 0xffff       # that a pattern can name alike in every language

# A bit each, in this order: UNICODE_WHITE_SPACE … of include/unicode.h.
PROPERTIES = ("white_space", "ignorable", "control", "line_end", "bidi",
              "format", "blank")
UNSEEN = PROPERTIES
UNFIT = ("control", "line_end", "bidi")     # in a text of one line

# Drawn as nothing, which no property says; each by its name, so that a new
# Unicode cannot mean another one.
BLANK = {0x2800: "BRAILLE PATTERN BLANK",
         0xfffc: "OBJECT REPLACEMENT CHARACTER",
         0x16fe4: "KHITAN SMALL SCRIPT FILLER",
         0x1d159: "MUSICAL SYMBOL NULL NOTEHEAD",
         0x13441: "EGYPTIAN HIEROGLYPH FULL BLANK",
         0x13442: "EGYPTIAN HIEROGLYPH HALF BLANK"}


def listed(name, wanted):
    """The characters of which a file of properties says `wanted`."""
    line = re.compile(rf"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*; {wanted}\b")
    found = set()
    for match in map(line.match, (DATA / name).read_text().splitlines()):
        if match:
            first, last = match[1], match[2] or match[1]
            found |= set(range(int(first, 16), int(last, 16) + 1))
    assert found, f"{DATA / name} knows no {wanted}"
    return found


def categories():
    """{category: characters}; of the large scripts only the first and last."""
    found = {}
    for line in (DATA / "UnicodeData.txt").read_text().splitlines():
        code, name, category = line.split(";")[:3]
        code = int(code, 16)
        assert BLANK.get(code, name) == name, f"{code:04X} is {name}"
        found.setdefault(category, set()).add(code)
    return found


def read():
    """{property: its characters}"""
    category = categories()
    derived = "DerivedCoreProperties.txt"
    return {
        "white_space": listed("PropList.txt", "White_Space"),
        "ignorable": listed(derived, "Default_Ignorable_Code_Point"),
        "control": category["Cc"],
        "line_end": category["Zl"] | category["Zp"],
        "bidi": listed("PropList.txt", "Bidi_Control"),
        # marks that go in front of digits are of that category and are seen
        "format": category["Cf"] - listed("PropList.txt",
                                          "Prepended_Concatenation_Mark"),
        "blank": set(BLANK),
    }


def union(characters, names):
    return set().union(*(characters[name] for name in names))


# -- patterns ---------------------------------------------------------------

def ranges(characters):
    """\\u escapes for a bracket: the same in ECMA-262, Java, .NET, Python."""
    text, codes = "", sorted(c for c in characters if c <= LAST)
    while codes:
        first = last = codes.pop(0)
        while codes and codes[0] == last + 1:
            last = codes.pop(0)
        text += rf"\u{first:04x}"
        text += rf"-\u{last:04x}" if last > first else ""
    return text


def patterns():
    """{format: what each good text matches}. Characters beyond U+FFFF, which
    languages write differently, are let through: the format knows them too."""
    characters = read()
    unseen = ranges(union(characters, UNSEEN))
    unfit = ranges(union(characters, UNFIT))
    return {"text": f"[^{unseen}]",
            "text-line": f"^[^{unfit}]*[^{unseen}][^{unfit}]*$"}


# -- the table in C ---------------------------------------------------------

def cells(characters):
    bits = bytearray(CHARACTERS)
    for bit, name in enumerate(PROPERTIES):
        for code in characters[name]:
            bits[code] |= 1 << bit
    return bits


def table():
    """Blocks of 256 characters, each kind of block once."""
    bits, kinds, index = cells(read()), {}, []
    for at in range(0, CHARACTERS, 256):
        block = bytes(bits[at:at + 256])
        index.append(kinds.setdefault(block, len(kinds)))
    yield "/* Made by openapi/characters.py. */"
    for bit, name in enumerate(PROPERTIES):
        yield (f"_Static_assert(UNICODE_{name.upper()} == {1 << bit},"
               " \"as in characters.py\");")
    yield f"static const unsigned char kinds[{len(kinds)}][256] = {{"
    for block in kinds:
        yield "{" + ",".join(map(str, block)) + "},"
    yield "};"
    yield f"static const unsigned char blocks[{len(index)}] = {{"
    yield ",".join(map(str, index)) + "};"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: characters.py HEADER")
    pathlib.Path(sys.argv[1]).write_text("\n".join(table()) + "\n")


if __name__ == "__main__":
    main()
