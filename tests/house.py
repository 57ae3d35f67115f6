"""The picture of the folders: `structure.py draw` writes it, `make lint` holds the
one in api/house.svg against it.

Each folder stands above those that it depends on. An arrow is left out where a
longer way says the same.
"""
import html
import textwrap
from typing import NamedTuple

WIDTH, GAP, LINE, ROW_GAP = 214, 22, 15, 44
PASSAGE = 4
FILES_A_LINE = 33       # characters
COLORS = {"casework": "#dbe9f6", "both": "#eee", "casework-worker": "#ddefdd"}
STYLE = """
  text { font: 12px sans-serif; fill: #222 }
  .name { font-weight: bold; font-size: 14px }
  .files { font-size: 11px; fill: #555 }
  rect { stroke: #888 }
  path { stroke: #667; fill: none }
"""


def draw(files, folders):
    """files: the names "folder/file"; folders: folder -> those it depends on."""
    folders = {name: {"common" if other == "include" else other
                      for other in others} - {name}
               for name, others in folders.items() if name != "include"}
    folders.setdefault("common", set())
    for others in list(folders.values()):
        for other in others:
            folders.setdefault(other, set())
    arrows = {name: needed(name, folders) for name in folders}
    rows = make_rows(folders, arrows)
    width = max(map(row_width, rows)) + 2 * GAP
    places, top = {}, GAP + 24
    for level, row in enumerate(rows):
        lines = {name: words(files, name) for name in row if name in folders}
        height = 30 + LINE * max(map(len, lines.values()))
        left = (width - row_width(row)) / 2
        for name in row:
            places[level, name] = Place(left, top, size(name), height,
                                        lines.get(name))
            left += size(name) + GAP
        top += height + ROW_GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} '
             f'{top:g}" width="{width:g}" height="{top:g}">',
             "<title>The folders of api/ and what they depend on</title>",
             f"<style>{STYLE}</style>",
             '<rect width="100%" height="100%" fill="#fff" stroke="none"/>',
             legend()]
    level = {name: at for at, row in enumerate(rows) for name in row
             if name in folders}
    for name in sorted(folders):
        for other in sorted(arrows[name]):
            way = [places[at, passage(other)]
                   for at in range(level[name] + 1, level[other])]
            parts.append(arrow([places[level[name], name], *way,
                                places[level[other], other]]))
    parts += [box(name, places[level[name], name], folders)
              for name in sorted(folders)]
    return "\n".join(parts + ["</svg>"]) + "\n"


class Place(NamedTuple):
    left: float
    top: float
    width: float
    height: float
    lines: list             # of a box; of a passage there are none

    @property
    def middle(self):
        return self.left + self.width / 2


def passage(name):
    """Where arrows to a folder further down go through a row."""
    return f"to {name}"


def size(name):
    return PASSAGE if name.startswith("to ") else WIDTH


def row_width(row):
    return sum(map(size, row)) + GAP * (len(row) - 1)


def make_rows(folders, arrows):
    """The programs on top; below them, as high as it may, whatever they need.
    Between the boxes of a row, passages for arrows that go on down."""
    depth = {name: 0 for name in folders}
    for _ in folders:
        for name, others in folders.items():
            for other in others:
                depth[other] = max(depth[other], depth[name] + 1)
    rows = {}
    for name in folders:
        rows.setdefault(depth[name], set()).add(name)
        for other in arrows[name]:
            for level in range(depth[name] + 1, depth[other]):
                rows.setdefault(level, set()).add(passage(other))
    colors = list(COLORS)
    return [sorted(rows[level], key=lambda name: (
        colors.index(program(name.removeprefix("to "), folders)), name))
        for level in sorted(rows)]


def reach(name, folders):
    """Whatever it needs, and what that needs; a circle may lead back."""
    found, waiting = set(), [name]
    while waiting:
        for other in folders.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def needed(name, folders):
    return {other for other in folders[name]
            if not any(other in reach(third, folders)
                       for third in folders[name])}


def words(files, folder):
    names = sorted(name.rpartition("/")[2] for name in files
                   if (name.rpartition("/")[0] or "api") == folder
                   or folder == "common" and name.startswith("include/"))
    # A dot stays with the name before it.
    return textwrap.wrap("\u00a0· ".join(names), FILES_A_LINE)


def program(name, folders):
    users = {top for top in ("api", "worker")
             if name == top or name in reach(top, folders)}
    return {("api",): "casework", ("worker",): "casework-worker"}.get(
        tuple(sorted(users)), "both")


def arrow(way):
    """From box to box; straight through the passages between."""
    line, at = "", None
    for place in way:
        if at is not None:
            x, y = at
            bend = max((place.top - y) / 2, 12)
            line += (f" C{x:g} {y + bend:g} {place.middle:g} "
                     f"{place.top - bend:g} {place.middle:g} {place.top:g}")
            if place.lines is None:
                line += f" V{place.top + place.height:g}"
        else:
            line = f"M{place.middle:g} {place.top + place.height:g}"
        at = (place.middle, place.top + place.height)
    return f'<path d="{line} m-4 -8 l4 8 l4 -8"/>'


def box(name, place, folders):
    label = {"api": "api/ (program)", "worker": "worker/ (program)",
             "common": "common/, include/"}.get(name, f"{name}/")
    text = "".join(
        f'<text class="files" x="{place.left + 10:g}" '
        f'y="{place.top + 36 + LINE * at:g}">{html.escape(line)}</text>'
        for at, line in enumerate(place.lines))
    return (f'<rect x="{place.left:g}" y="{place.top:g}" width="{WIDTH}" '
            f'height="{place.height:g}" rx="4" '
            f'fill="{COLORS[program(name, folders)]}"/>'
            f'<text class="name" x="{place.left + 10:g}" '
            f'y="{place.top + 19:g}">{html.escape(label)}</text>{text}')


def legend():
    return "".join(
        f'<rect x="{GAP + 150 * at}" y="10" width="14" height="14" '
        f'fill="{color}"/><text x="{GAP + 150 * at + 20}" y="21">{name}</text>'
        for at, (name, color) in enumerate(COLORS.items()))
