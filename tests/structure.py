#!/usr/bin/python3
"""The structure of api/, measured: who includes whom, who calls whom.

A file is what shares a folder and a name: accept.c and accept.h. It depends on the
files whose headers it includes and, as the symbols of the objects tell, on those
that define what it calls. A folder depends on what its files depend on.

    structure.py check      no circle of folders; none of more than two files; no
                            folder reaches for one that api/floors.mk does not let
                            it see; include/ holds what both programs use; a name
                            begins with that of its file or folder
    structure.py draw       the folders and their arrows as SVG, to standard output
    structure.py drawn      whether api/house.svg is that picture

--root and --objects name another tree (the tests' own).
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

import house

# Defined by database/cork.c in front of libc's: whoever calls them means libc.
LIBC = {"send", "recv"}
INLINE = re.compile(r"^static inline [^;({]*?\b(\w+)\(", re.M)
# Kore finds these by their names.
KORE = re.compile(r"(kore|asset)_|__lsan_default_suppressions$")


class Structure:
    def __init__(self, root, objects):
        self.root = root
        self.faults = []
        self.files = {}         # "request/accept" -> its sources and headers
        self.headers = {}       # "accept.h" -> "request/accept"
        self.arrows = collections.defaultdict(dict)     # a -> b -> why
        self.sees = read_floors(root / "api" / "floors.mk")
        self.find_files()
        self.read_includes()
        self.read_symbols(objects)

    def find_files(self):
        for path in sorted((self.root / "api").rglob("*.[ch]")):
            name = str(path.relative_to(self.root / "api").with_suffix(""))
            self.files.setdefault(name, []).append(path)
        stems = collections.defaultdict(list)
        for name in self.files:
            stems[name.rpartition("/")[2]].append(name)
        for path in sorted((self.root / "include").glob("*.h")):
            # Its code is in api/common or api/http, if it has any.
            owners = [name for name in stems[path.stem]
                      if folder(name) in ("common", "http")]
            name = owners[0] if owners else f"include/{path.stem}"
            self.files.setdefault(name, []).append(path)
        for name, paths in self.files.items():
            for path in paths:
                if path.suffix != ".h":
                    continue
                if path.name in self.headers:
                    self.fault(f"{path.name}: {self.headers[path.name]} and "
                               f"{name} both have such a header")
                self.headers[path.name] = name

    def read_includes(self):
        for name, paths in self.files.items():
            for path in paths:
                for found in re.findall(r'^#include "(.+)"$',
                                        path.read_text(), re.M):
                    other = self.headers.get(found)
                    if other not in (None, name):
                        self.arrows[name].setdefault(
                            other, f"{path.name} includes {found}")
                if path.suffix == ".h":
                    for symbol in INLINE.findall(path.read_text()):
                        self.check_name(name, symbol)

    def read_symbols(self, objects):
        defined, wanted = {}, {}
        for path in sorted(objects.rglob("*.o")):
            name = str(path.relative_to(objects).with_suffix(""))
            if name not in self.files:
                continue        # of a source that is gone
            wanted[name] = set()
            output = subprocess.run(["nm", "-g", path], check=True, text=True,
                                    capture_output=True).stdout
            for line in output.splitlines():
                kind, symbol = line.split()[-2:]
                if kind == "U":
                    wanted[name].add(symbol)
                elif symbol not in LIBC:
                    defined.setdefault((program(name), symbol), name)
                    self.check_name(name, symbol)
        for name, symbols in wanted.items():
            for symbol in sorted(symbols):
                other = (defined.get((program(name), symbol))
                         or defined.get(("casework", symbol)))
                if other not in (None, name):
                    self.arrows[name].setdefault(
                        other, f"{name}.c uses {symbol}")

    def check_name(self, name, symbol):
        """cursor_load in cursor.c, request_admit in request/: whoever reads a
        call knows where to look."""
        places = [part.split("_")[0] for part in name.split("/")]
        word = symbol.split("_")[0]
        if not KORE.match(symbol) and not any(
                place in (word, word + "s") for place in places):
            self.fault(f"{name}.c: {symbol} has neither the file's nor the "
                       "folder's name in front")

    def fault(self, text):
        self.faults.append(text)

    def folders(self):
        """folder -> folder -> the files and why, for each pair."""
        result = collections.defaultdict(lambda: collections.defaultdict(list))
        for name, others in self.arrows.items():
            for other, why in others.items():
                if folder(name) != folder(other):
                    result[folder(name)][folder(other)].append(why)
        return result

    def check(self):
        for circle in circles(self.arrows):
            if len(circle) > 2:
                self.fault_circle("files", circle, {
                    a: {b: [why] for b, why in bs.items()}
                    for a, bs in self.arrows.items()})
        folders = self.folders()
        for circle in circles(folders):
            self.fault_circle("folders", circle, folders)
        for name, others in sorted(folders.items()):
            for other, whys in sorted(others.items()):
                if other not in ("include", *self.sees.get(name, ())):
                    self.fault(f"{name} may not see {other}: {whys[0]}")
        self.check_floors(folders)
        self.check_include()
        return self.faults

    def check_floors(self, folders):
        """api/floors.mk names every folder, and lets none see what it needs
        neither itself nor through the headers of others."""
        for name in sorted({folder(name) for name in self.files}
                           - {"include"} - set(self.sees)):
            self.fault(f"api/{name} does not stand in api/floors.mk")
        for name, others in sorted(self.sees.items()):
            for other in others:
                if other not in house.reach(name, folders):
                    self.fault(f"{name} need not see {other}: api/floors.mk")

    def fault_circle(self, kind, circle, arrows):
        lines = [f"a circle of {len(circle)} {kind}:"]
        for a in circle:
            lines += [f"    {a} -> {b}: {arrows[a][b][0]}"
                      for b in sorted(arrows.get(a, ())) if b in circle]
        self.fault("\n".join(lines))

    def check_include(self):
        """A header that only one program uses sits beside its code."""
        for path in sorted((self.root / "include").glob("*.h")):
            name = self.headers[path.name]
            users = {"casework-worker" if user.startswith("worker")
                     else "casework"
                     for user, others in self.arrows.items() if name in others}
            if any(f'#include "{path.name}"' in other.read_text()
                   for other in path.parent.glob("*.h")):
                continue    # a part of another one
            if len(users) < 2:
                self.fault(f"include/{path.name} is used by "
                           f"{''.join(users) or 'nobody'}, not by both "
                           "programs: it belongs beside its code")

    def check_picture(self):
        drawn = (self.root / "api" / "house.svg").read_text()
        if drawn != house.draw(self.files, self.folders()):
            self.fault("api/house.svg is out of date: "
                       "tests/structure.py draw >api/house.svg")
        return self.faults


def read_floors(path):
    text = path.read_text().replace("\\\n", " ")
    every = re.search(r"^FLOORS\s*=(.*)$", text, re.M)
    text = text.replace("$(FLOORS)", every[1] if every else "")
    return {name: others.split() for name, others
            in re.findall(r"^SEES\.(\S+)\s*=(.*)$", text, re.M)}


def folder(name):
    return name.rpartition("/")[0] or "api"


def program(name):
    return "worker" if name.startswith("worker") else "casework"


def circles(arrows):
    """Sets of nodes that reach each other (Tarjan), those of one left out."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in arrows.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            circle = []
            while not circle or circle[-1] != node:
                circle.append(stack.pop())
            if len(circle) > 1:
                found.append(sorted(circle))

    sys.setrecursionlimit(10000)
    for node in list(arrows):
        if node not in index:
            visit(node)
    return found


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["check", "draw", "drawn"])
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--objects", type=pathlib.Path,
                        default=here / "build" / "obj")
    options = parser.parse_args()
    structure = Structure(options.root, options.objects)
    if options.command == "draw":
        print(house.draw(structure.files, structure.folders()), end="")
        return
    if options.command == "drawn":
        faults = structure.check_picture()
    else:
        faults = structure.check()
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
