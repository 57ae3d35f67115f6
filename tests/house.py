"""The picture of the folders: `structure.py draw` writes it, `make lint` holds the
one in api/house.svg against it.

Each folder stands above those that it depends on. An arrow is left out where a
longer way says the same.
"""
import html
import textwrap

WIDTH, GAP, LINE, ROW_GAP = 214, 22, 15, 44
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
    rows = make_rows(folders)
    width = max(len(row) for row in rows) * (WIDTH + GAP) + GAP
    boxes, top = {}, GAP + 24
    for row in rows:
        lines = {name: words(files, name) for name in row}
        height = 30 + LINE * max(len(each) for each in lines.values())
        left = (width - len(row) * (WIDTH + GAP) + GAP) / 2
        for at, name in enumerate(row):
            boxes[name] = (left + at * (WIDTH + GAP), top, height, lines[name])
        top += height + ROW_GAP
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} '
             f'{top:g}" width="{width:g}" height="{top:g}">',
             "<title>The folders of api/ and what they depend on</title>",
             f"<style>{STYLE}</style>",
             '<rect width="100%" height="100%" fill="#fff" stroke="none"/>',
             legend()]
    parts += [arrow(boxes[name], boxes[other])
              for name in sorted(folders)
              for other in sorted(needed(name, folders))]
    parts += [box(name, *boxes[name], folders) for name in sorted(boxes)]
    return "\n".join(parts + ["</svg>"]) + "\n"


def make_rows(folders):
    """The programs on top; below them, as high as it may, whatever they need."""
    depth = {name: 0 for name in folders}
    for _ in folders:
        for name, others in folders.items():
            for other in others:
                depth[other] = max(depth[other], depth[name] + 1)
    rows = {}
    for name in sorted(folders, key=lambda name: (
            list(COLORS).index(program(name, folders)), name)):
        rows.setdefault(depth[name], []).append(name)
    return [rows[level] for level in sorted(rows)]


def reach(name, folders):
    found = set()
    for other in folders[name]:
        found |= {other} | reach(other, folders)
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


def arrow(upper, lower):
    x1, y1 = upper[0] + WIDTH / 2, upper[1] + upper[2]
    x2, y2 = lower[0] + WIDTH / 2, lower[1]
    bend = max((y2 - y1) / 2, 12)
    return (f'<path d="M{x1:g} {y1:g} C{x1:g} {y1 + bend:g} {x2:g} '
            f'{y2 - bend:g} {x2:g} {y2:g} m-4 -8 l4 8 l4 -8"/>')


def box(name, left, top, height, lines, folders):
    label = ("api/ (program)" if name == "api"
             else "worker/ (program)" if name == "worker"
             else "common/, include/" if name == "common" else f"{name}/")
    text = "".join(
        f'<text class="files" x="{left + 10:g}" y="{top + 36 + LINE * at:g}">'
        f"{html.escape(line)}</text>" for at, line in enumerate(lines))
    return (f'<rect x="{left:g}" y="{top:g}" width="{WIDTH}" '
            f'height="{height:g}" rx="4" '
            f'fill="{COLORS[program(name, folders)]}"/>'
            f'<text class="name" x="{left + 10:g}" y="{top + 19:g}">'
            f"{html.escape(label)}</text>{text}")


def legend():
    return "".join(
        f'<rect x="{GAP + 150 * at}" y="10" width="14" height="14" '
        f'fill="{color}"/><text x="{GAP + 150 * at + 20}" y="21">{name}</text>'
        for at, (name, color) in enumerate(COLORS.items()))
