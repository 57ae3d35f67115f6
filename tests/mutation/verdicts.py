"""What came of each mutant, kept from run to run, and the table of it.

A verdict holds for as long as mutant and file are what they were: of others it
is not known.
"""
import collections
import hashlib
import json

BEGIN, END = "<!-- mutants -->\n", "<!-- end of mutants -->\n"
# Of these the exit status says nothing.
GOOD = ("killed", "equivalent")


class Verdicts:
    def __init__(self, root, mutants):
        self.root = root
        self.mutants = mutants
        self.file = root / "build" / "mutants.json"
        self.known = {}
        if self.file.exists():
            self.known = json.loads(self.file.read_text(encoding="utf-8"))

    def add(self, mutant, verdict):
        self.known[mutant.name] = [self.digest(mutant), *verdict]
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps(self.known, indent=1) + "\n",
                             encoding="utf-8")

    def of(self, mutant):
        digest, verdict, by = self.known.get(mutant.name, ("", "", ""))
        if digest != self.digest(mutant):
            return "not run", ""
        if mutant.equivalent:
            verdict = {"survived": "equivalent",
                       "killed": "not equivalent"}.get(verdict, verdict)
        return verdict, by

    def digest(self, mutant):
        source = (self.root / mutant.file).read_text(encoding="utf-8")
        return hashlib.sha256(repr((mutant.old, mutant.new, mutant.tests,
                                    source)).encode()).hexdigest()[:16]

    def failed(self, mutants):
        return any(self.of(mutant)[0] not in GOOD for mutant in mutants)

    def table(self, mutants):
        """A row each: what came of it."""
        rows = []
        for mutant in mutants:
            verdict, by = self.of(mutant)
            what = mutant.equivalent if verdict == "equivalent" else by
            rows.append(f"{mutant.name:40} {verdict:10} {what}".rstrip())
        counts = collections.Counter(self.of(mutant)[0] for mutant in mutants)
        rows.append(", ".join(f"{count} {verdict}"
                              for verdict, count in counts.most_common()))
        return "\n".join(rows)

    def summary(self):
        """For the README: a row for each area, and those that were not killed
        by name."""
        rows = ["| area | rules broken | killed | equivalent | survived | not run |",
                "|---|---|---|---|---|---|"]
        areas = collections.defaultdict(list)
        for mutant in self.mutants:
            areas[mutant.area].append(self.of(mutant)[0])
        areas["all"] = [verdict for found in areas.values()
                        for verdict in found]
        for area, found in areas.items():
            counts = collections.Counter(found)
            known = [counts[name] for name in (*GOOD, "not run")]
            rows.append(f"| {area} | {len(found)} | {known[0]} | {known[1]} | "
                        f"{len(found) - sum(known)} | {known[2]} |")
        return "\n".join([*rows, "", *self.exceptions()]) + "\n"

    def exceptions(self):
        for mutant in self.mutants:
            verdict, _ = self.of(mutant)
            if verdict == "equivalent":
                yield f"- {mutant.name} is equivalent: {mutant.equivalent}"
            elif verdict not in (*GOOD, "not run"):
                yield f"- {mutant.name} {verdict}: {mutant.breaks}"

    def write(self, readme):
        text = readme.read_text(encoding="utf-8")
        before, begin, rest = text.partition(BEGIN)
        _, end, after = rest.partition(END)
        assert begin and end, f"{readme} has no place for the table"
        readme.write_text(before + begin + "\n" + self.summary() + "\n" + end
                          + after, encoding="utf-8")
