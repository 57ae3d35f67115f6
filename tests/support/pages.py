"""Pages in Chromium as people have them: each saved as a file with the policy
that it came with, looked at in light and in dark, narrow and wide."""

import base64
import itertools
import os
import pathlib

from browser import resize
from instance import ROOT

AXE = pathlib.Path(ROOT) / "tests/axe/node_modules/axe-core/axe.min.js"
LOOKS = tuple(itertools.product(("light", "dark"), (320, 1280)))
# Each scheme and each width once, for what there is much of.
FEW_LOOKS = (("light", 1280), ("dark", 320))
# What axe judges by: WCAG 2.2, level AA, and what it holds for good practice.
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RULES = (*WCAG, "best-practice")
TALLEST = 3000      # pixels of a picture
FOCUS = """
    const e = document.activeElement;
    return e === document.body ? null : [e.tagName, e.href || e.id || e.name
        || e.innerText, getComputedStyle(e).outlineStyle]"""


def results(folder):
    """Where pictures are kept, for a person to look at."""
    place = pathlib.Path(os.environ.get(
        "RESULTS") or pathlib.Path(ROOT) / "build/results") / folder
    place.mkdir(parents=True, exist_ok=True)
    return place


def save(place, page, policy=""):
    """The page as a file. A policy stands in it, as there is no header."""
    if policy:
        page = page.replace("<head>", (
            '<head><meta http-equiv="Content-Security-Policy"'
            f' content="{policy.partition("; frame-ancestors")[0]}">'), 1)
    place.write_text(page, encoding="utf-8")
    return place.as_uri()


def look(browser, scheme, width, media="screen"):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "media": media, "features": [
            {"name": "prefers-color-scheme", "value": scheme}]})
    resize(browser, width, 900)


def picture(browser, place):
    """The page from its top, as far as a browser makes one picture of it: other
    tests have announced a great deal."""
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    size["height"] = min(size["height"], TALLEST)
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True, "clip": {**size, "scale": 1}})
    place.write_bytes(base64.b64decode(taken["data"]))


def violations(browser, rules=RULES):
    """What axe finds: rule and place of each."""
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("""
        const [rules, done] = arguments;
        axe.run(document, {runOnly: rules}).then(done)""", list(rules))
    assert found["passes"]
    return [(v["id"], [n["target"] for n in v["nodes"]],
             v["nodes"][0]["failureSummary"]) for v in found["violations"]]
