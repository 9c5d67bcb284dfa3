#!/usr/bin/env python3
"""Whether the examples are short, are targets, and name every public type of the libraries between them.

  coverage.py ROOT
  coverage.py --self-test
"""

import pathlib
import re
import sys

MODULES = ("QPW", "QPWObjects", "QPWPages")
LONGEST = 59
TYPE = re.compile(r"^\s*public (?:final |indirect )*(?:struct|class|enum|protocol|actor) (\w+)", re.M)
# Of a sequence, by which nobody names it: `for` does.
UNNAMED = {"Iterator"}


def without_comments(text):
    return re.sub(r"//.*", "", text)


def types(sources):
    """Names of public types; those of an extension or a type that is not public are none."""
    return {name for text in sources for name in TYPE.findall(text)} - UNNAMED


def complaints(sources, examples, package):
    found = []
    words = set()
    for name, text in sorted(examples.items()):
        lines = len(text.splitlines())
        if lines > LONGEST:
            found.append(f"{name} has {lines} lines, more than {LONGEST}")
        if f'"{name}"' not in package:
            found.append(f"{name} is no target of Examples/Package.swift")
        if not text.startswith("// "):
            found.append(f"{name} does not begin with what it shows")
        words |= set(re.findall(r"\w+", without_comments(text)))
    found += [f"no example uses {name}" for name in sorted(types(sources) - words)]
    return found


def read(root):
    folder = pathlib.Path(root)
    sources = [path.read_text() for module in MODULES for path in sorted((folder / "Sources" / module).rglob("*.swift"))]
    examples = {path.parent.name: path.read_text() for path in (folder / "Examples/Sources").glob("*/main.swift")}
    return sources, examples, (folder / "Examples/Package.swift").read_text()


def self_test():
    sources = ["public struct A {\n    public enum B { case c }\n}\nstruct Hidden {}\n// public class Comment"]
    sound = "// Shows A and B.\nlet a: A.B = .c\n"
    package = '("One", "QPW")'
    spoilt = {
        "a type that only a comment names": {"One": "// A, B\nlet b: B\n"},
        "a nested type that none names": {"One": "// A\nlet a: A\n"},
        "a long one": {"One": sound + "\n" * LONGEST},
        "one that is no target": {"One": sound, "Two": sound},
        "one that does not say what it shows": {"One": sound.partition("\n")[2]},
    }
    if found := complaints(sources, {"One": sound}, package):
        raise SystemExit(f"examples: self-test FAILED: sound ones were refused: {found}")
    for what, examples in spoilt.items():
        if not complaints(sources, examples, package):
            raise SystemExit(f"examples: self-test FAILED: {what} passed")
    print(f"examples: self-test passed: {len(spoilt)} spoilt, all caught")


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    sources, examples, package = read(arguments[0])
    found = complaints(sources, examples, package)
    for complaint in found:
        print(f"examples: {complaint}", file=sys.stderr)
    if found:
        raise SystemExit(f"examples: FAILED: {len(found)} complaints")
    print(f"examples: {len(examples)}, which name all of {len(types(sources))} public types")


if __name__ == "__main__":
    main(sys.argv[1:])
