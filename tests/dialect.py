#!/usr/bin/python3
"""One dialect of C, as far as .clang-format cannot say it.

    dialect.py FILE...      each fault on a line, and exit status 1
"""
import pathlib
import re
import sys


def closing(text, start):
    """Where the parenthesis ends that begins at start."""
    depth = 0
    for found in re.finditer(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[()]',
                             text[start:]):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return start + found.start()
    return len(text)


def faults(text):
    for found in re.finditer(r"\breturn \(", text):
        if text[closing(text, found.end() - 1) + 1] == ";":
            yield found.start(), "return needs no parentheses around it all"
    for found in re.finditer(r"^.*$", text, re.MULTILINE):
        if len(found.group().expandtabs(8)) > 80 and '"' not in found.group():
            yield found.start(), "more than 80 columns"
    for found in re.finditer(r'^\s*#\s*include\s*"[^"]*/', text, re.MULTILINE):
        yield found.start(), "include a header by its name: a path would " \
            "reach over the walls of api/floors.mk"
    for found in re.finditer(r"\btime\(NULL\)", text):
        yield found.start(), "time() may lag the clock by a tick: " \
            "wall_clock_seconds()"
    for found in re.finditer(r"\btypedef struct\b", text):
        yield found.start(), "a struct has no typedef"


def main():
    status = 0
    for name in sys.argv[1:]:
        text = pathlib.Path(name).read_text()
        for at, fault in faults(text):
            print(f"{name}:{text.count(chr(10), 0, at) + 1}: {fault}")
            status = 1
        if name.endswith(".h"):
            stem = pathlib.Path(name).stem.upper().replace(".", "_")
            if f"#ifndef CASEWORK_{stem}_H\n" not in text and \
                    "tests" not in name:
                print(f"{name}: its guard is not CASEWORK_{stem}_H")
                status = 1
        if not text.startswith("/*\n"):
            print(f"{name}: does not begin by saying what it is for")
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
