#!/usr/bin/python3
"""Bundle openapi/*.yaml into one document, <output>/openapi.json and .yaml, and
sql/api/*.sql into <output>/statements.sql.

openapi.yaml comes first and sets the order of the top level; every other file
adds `paths`, `webhooks` and `components`. A key that two files (or one file twice) define,
a key without a value, and a reference that points nowhere, are errors which name
the file and place. The filters of collections are declared in the document and
put into both (filters.py, statements.py), the formats of texts told as patterns
(characters.py). validate.py judges what comes out.

Usage: bundle.py [OUTPUT_DIRECTORY]     (default: build beside this folder)
"""
import copy
import json
import pathlib
import sys

import yaml

import characters
import filters
import statements

HERE = pathlib.Path(__file__).resolve().parent
MERGED = ("paths", "webhooks", "components")


class Loader(yaml.CSafeLoader):
    """YAML 1.2 in spirit: a duplicate key is an error, a date stays text.

    So is a key without a value. Nothing needs one, and it is what a comma
    leaves behind in {description: this, that}: two members instead of one."""


def construct_mapping(loader, node):
    mapping = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            raise yaml.constructor.ConstructorError(
                None, None, f"duplicate key {key!r}", key_node.start_mark)
        if value_node.tag.endswith(":null") and not value_node.value:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} has no value (a comma to be quoted?)",
                key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


Loader.add_constructor("tag:yaml.org,2002:map", construct_mapping)
Loader.add_constructor("tag:yaml.org,2002:timestamp",
                       lambda loader, node: node.value)


class Dumper(yaml.CSafeDumper):
    """The bundle has no anchors: readers expect plain YAML."""

    def ignore_aliases(self, data):
        return True


def fail(message):
    sys.exit(f"openapi: {message}")


def load(path):
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        fail(f"{path.name}:{mark.line + 1}: {error.problem}")
    if not isinstance(document, dict):
        fail(f"{path.name}: not a mapping")
    return document


def merge(into, addition, name, place):
    """Add one file's part of the document; a leaf may be defined only once."""
    for key, value in addition.items():
        if key not in into:
            into[key] = value
        elif place in ("#", "#/components"):
            merge(into[key], value, name, f"{place}/{key}")
        else:
            fail(f"{name}: {place}/{key} is already defined elsewhere")


def pointer(key):
    return str(key).replace("~", "~0").replace("/", "~1")


def resolve(document, reference):
    node = document
    for part in reference[2:].split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def check_references(document, node, name, place):
    if isinstance(node, list):
        for index, item in enumerate(node):
            check_references(document, item, name, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        try:
            if not reference.startswith("#/"):
                raise KeyError
            resolve(document, reference)
        except (KeyError, TypeError):
            fail(f"{name}: {place}: {reference} points nowhere")
    for key, value in node.items():
        check_references(document, value, name, f"{place}/{pointer(key)}")


def tell_formats(node, patterns):
    """A format of text is told as a pattern too: to readers who do not know
    it. The service goes by the format."""
    if isinstance(node, list):
        for item in node:
            tell_formats(item, patterns)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("format"), str) and node["format"] in patterns:
        node.setdefault("pattern", patterns[node["format"]])
    for value in node.values():
        tell_formats(value, patterns)


def main():
    if len(sys.argv) > 2:
        fail("usage: bundle.py [OUTPUT_DIRECTORY]")
    output = pathlib.Path(sys.argv[1] if len(sys.argv) == 2
                          else HERE.parent / "build")
    first = HERE / "openapi.yaml"
    files = [first] + sorted(p for p in HERE.glob("*.yaml") if p != first)
    parts = [(path.name, load(path)) for path in files]
    document, files = {}, {}
    for name, part in parts:
        surplus = set(part) - set(MERGED)
        if surplus and name != first.name:
            fail(f"{name}: only {', '.join(MERGED)} belong here, "
                 f"not {', '.join(sorted(surplus))}")
        merge(document, copy.deepcopy(part), name, "#")
        files.update(dict.fromkeys(part.get("paths", {}), name))
    for name, part in parts:
        check_references(document, part, name, "#")
    try:
        filtered = filters.expand(document, files)
        sql = statements.read(HERE.parent / "sql" / "api", filtered,
                              document)
    except filters.Fault as fault:
        fail(fault)
    tell_formats(document, characters.patterns())
    output.mkdir(parents=True, exist_ok=True)
    (output / "openapi.json").write_text(
        json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8")
    (output / "openapi.yaml").write_text(
        yaml.dump(document, Dumper=Dumper, sort_keys=False,
                  allow_unicode=True, width=100),
        encoding="utf-8")
    (output / "statements.sql").write_text(sql, encoding="utf-8")


if __name__ == "__main__":
    main()
