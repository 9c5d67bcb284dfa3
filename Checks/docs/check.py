#!/usr/bin/env python3
"""What docc does not look at.

  check.py symbols GRAPH…                   fails for any public symbol without a comment
  check.py table README ARTICLE             fails unless the article's table is the README's
  check.py table README ARTICLE --update    copies it
"""

import json
import re
import sys


def complain(lines):
    for line in lines:
        print(f"docs: {line}", file=sys.stderr)
    if lines:
        raise SystemExit(1)


def is_written(symbol):
    """Not made by the compiler, and not inherited from another module."""
    return "location" in symbol and "::SYNTHESIZED::" not in symbol["identifier"]["precise"]


def lacks(symbol):
    """What a symbol's comment lacks; None if nothing."""
    lines = [line["text"].strip() for line in symbol.get("docComment", {}).get("lines", [])]
    if not any(lines):
        return "has no comment"
    if len(lines) > 1 and lines[1]:
        return "has a summary of more than one line"
    if not lines[0].endswith((".", ":")):
        return "has a summary that does not end as a sentence"
    return None


def symbols(paths):
    complaints, count = [], 0
    for path in paths:
        with open(path) as file:
            graph = json.load(file)
        module = graph["module"]["name"]
        written = [symbol for symbol in graph["symbols"] if is_written(symbol)]
        if not written:
            complaints.append(f"{module}: the graph has no symbols")
        for symbol in written:
            what = lacks(symbol)
            if what:
                place = symbol["location"]["uri"].rsplit("/", 1)[-1]
                line = symbol["location"]["position"]["line"] + 1
                complaints.append(f"{place}:{line}: {module}.{'.'.join(symbol['pathComponents'])} {what}")
        count += len(written)
    complain(complaints)
    print(f"docs: {count} public symbols, all with a comment")


# A table with its heading line, whose cells are parted by bars.
TABLE = re.compile(r"^[^\n]*\|[^\n]*\n[-| :]+\n(?:[^\n]*\|[^\n]*\n)+", re.MULTILINE)


def table(readme, article, *options):
    texts = []
    for path in (readme, article):
        with open(path) as file:
            texts.append(file.read())
    section = re.search(r"^## Policies\n(.*?)(?=^## |\Z)", texts[0], re.MULTILINE | re.DOTALL)
    found = section and TABLE.search(section[1])
    copy = TABLE.search(texts[1])
    if not found or not copy:
        complain([f"{path} has no table of policies" for path, part in ((readme, found), (article, copy)) if not part])
    if options == ("--update",):
        with open(article, "w") as file:
            file.write(texts[1].replace(copy[0], found[0], 1))
    elif copy[0] != found[0]:
        complain([f"{article}: the table of policies is not the README's; Checks/docs/run --update copies it"])
    print(f"docs: the table of policies is the README's: {len(found[0].splitlines()) - 2} policies")


if __name__ == "__main__":
    verbs = {"symbols": lambda *paths: symbols(paths), "table": table}
    if len(sys.argv) < 3 or sys.argv[1] not in verbs:
        raise SystemExit(__doc__)
    verbs[sys.argv[1]](*sys.argv[2:])
