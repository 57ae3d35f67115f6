"""What the document says, as lists that a person keeps beside it: who may call
what (tests/data/operations.txt), and which values there are
(tests/data/values.txt). So that the document is not its own judge.
"""

from instance import ROOT

DATA = ROOT / "tests" / "data"
RANGES = {"text": ("minLength", "maxLength"),
          "number": ("minimum", "maximum"),
          "items": ("minItems", "maxItems")}


def rows(name):
    """Lines of a list: columns parted by |, comments begin with #."""
    lines = (DATA / name).read_text().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines
            if line.strip() and not line.startswith("#")]


def values_of(schema):
    """What a schema says of its values, or None: "one of …", "text 1..200"."""
    if isinstance(schema.get("enum"), list):
        return "one of " + " ".join(
            "null" if v is None else v or '""' for v in schema["enum"])
    for kind, (low, high) in RANGES.items():
        if low in schema or high in schema:
            return (f"{kind} {schema.get(low, '')}.."
                    f"{schema.get(high, '')}")
    return None


def parts(schema, place):
    """(place, schema) of a schema and of all that stands in it."""
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(part, f"{place}.{name}")
    if "items" in schema:
        yield from parts(schema["items"], place + "[]")
    for key in ("anyOf", "allOf", "oneOf"):
        for part in schema.get(key, []):
            yield from parts(part, place)


def schemas(document):
    """(place, schema) of every schema that has a place of its own."""
    for name, schema in document["components"]["schemas"].items():
        yield from parts(schema, name)
    for name, parameter in document["components"]["parameters"].items():
        yield from parts(parameter["schema"], "?" + name)
    for item in document["paths"].values():
        for method, spec in item.items():
            if not isinstance(spec, dict):
                continue
            for parameter in spec.get("parameters", []):
                if "schema" in parameter:
                    yield from parts(parameter["schema"], (
                        f"{spec['operationId']} ?{parameter['name']}"))


def differences(kept, found):
    """Sentences that say where two mappings differ."""
    for name in sorted(kept.keys() | found.keys()):
        if name not in found:
            yield f"{name}: the document has it no more"
        elif name not in kept:
            yield f"{name}: new, it is {found[name]}"
        elif kept[name] != found[name]:
            yield f"{name}: it was {kept[name]}, and is {found[name]}"
