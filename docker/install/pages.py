#!/usr/bin/python3
"""Files of settings and manual pages, from the tables of the programs.

    pages.py env PROGRAM VALUES     what systemd reads: every setting, commented
                                    out but for those that VALUES sets
    pages.py man PROGRAM PAGE       the page with the settings in place of its
                                    line `.\\" SETTINGS`

PROGRAM is the binary. A setting or command that only one side knows is an error.
"""
import pathlib
import re
import subprocess
import sys


def said(program, command):
    return subprocess.run([program, command], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def settings(program):
    """Name, default, meaning and range of each."""
    for entry in said(program, "settings").split("\n\n"):
        meaning, *bounds, last = entry.strip().splitlines()
        name, _, fallback = last.removeprefix("#").partition("=")
        yield (name, fallback, meaning.removeprefix("# "),
               bounds[0][3:-1] if bounds else "")


def env(program, values):
    name_of_program = pathlib.Path(program).name
    wanted = {}
    for line in pathlib.Path(values).read_text().splitlines():
        word, _, setting = line.partition(" ")
        if word == name_of_program:
            name, _, value = setting.partition("=")
            wanted[name] = value
    print(f"# Settings of {name_of_program}: {name_of_program}(1) tells more.")
    print("# After a change: systemctl restart", name_of_program)
    for name, fallback, meaning, bounds in settings(program):
        print(f"\n# {meaning}" + (f" ({bounds})" if bounds else ""))
        print(f"{name}={wanted.pop(name)}" if name in wanted
              else f"#{name}={fallback}")
    if wanted:
        sys.exit(f"{values}: {name_of_program} has no setting "
                 + ", ".join(wanted))


def escaped(text):
    """Words that mean something to troff, as they are."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


def man_settings(program):
    lines = [".Bl -tag -width Ds"]
    for name, fallback, meaning, bounds in settings(program):
        lines += [f".It Ev {name}", escaped(meaning[0].upper() + meaning[1:])
                  + "."]
        if bounds:
            lines.append(escaped(bounds[0].upper() + bounds[1:]) + ".")
        if fallback:
            lines += ["Default:", f".Ql {escaped(fallback)} ."]
    return lines + [".El"]


def man(program, page):
    text = pathlib.Path(page).read_text()
    usage = said(program, "help").partition("\n\n")[2].partition("\n\n")[0]
    commands = {line.split()[0] for line in usage.splitlines()}
    described = set(re.findall(r"^\.It Cm (\S+)", text, re.MULTILINE))
    told = {c for c in commands if c != "--version"}
    if told != described:
        sys.exit(f"{page}: commands differ from those of help: "
                 + ", ".join(sorted(told ^ described)))
    print(text.replace('.\\" SETTINGS', "\n".join(man_settings(program))),
          end="")


if __name__ == "__main__":
    {"env": env, "man": man}[sys.argv[1]](*sys.argv[2:])
