#!/usr/bin/python3
"""Hold a bundled document against OpenAPI: every object, every member.

Debian's openapi-specification has the published schema of OpenAPI 3.0, whose
objects are closed: what they do not know is a fault. What 3.1 made of it is
named below; its schemas are those of JSON Schema 2020-12.

Usage: validate.py DOCUMENT.json...
"""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

from bundle import pointer

PUBLISHED = pathlib.Path(
    "/usr/share/openapi-specification/schemas/v3.0/schema.json")


def schema_of_3_1():
    """The published schema, with the differences that 3.1 lists."""
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    paths = {"$ref": "#/definitions/Paths"}
    known = schema["definitions"]
    for old in ("$schema", "id"):
        del schema[old]
    schema["properties"].update(
        openapi={"type": "string", "pattern": r"^3\.1\.\d$"},
        webhooks={"type": "object", "additionalProperties": {
            "$ref": "#/definitions/PathItem"}},
        jsonSchemaDialect={"type": "string"}, paths=paths)
    schema["required"] = ["openapi", "info"]
    known["Info"]["properties"]["summary"] = {"type": "string"}
    known["License"]["properties"]["identifier"] = {"type": "string"}
    known["Components"]["properties"]["pathItems"] = {
        "type": "object", "additionalProperties": {
            "$ref": "#/definitions/PathItem"}}
    known["Operation"].pop("required")
    # Where a schema may stand, the published one asks for exactly one of
    # these two; a schema of 3.1 may have members beside its $ref.
    known["Schema"] = {
        "not": {"required": ["$ref"]},
        "$ref": "https://json-schema.org/draft/2020-12/schema"}
    known["Reference"]["properties"] = {
        "summary": {"type": "string"}, "description": {"type": "string"}}
    return schema


def place(error):
    return "#" + "".join(
        "/" + pointer(part) for part in error.absolute_path)


def deepest(error):
    """Of the alternatives that all failed, what is said farthest inside."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


def faults(document):
    judge = Draft202012Validator(schema_of_3_1())
    for error in judge.iter_errors(document):
        inner = deepest(error)
        yield f"{place(inner)}: {inner.message[:200]}"


def main():
    found = [f"{name}: {fault}" for name in sys.argv[1:]
             for fault in faults(json.loads(
                 pathlib.Path(name).read_text(encoding="utf-8")))]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
