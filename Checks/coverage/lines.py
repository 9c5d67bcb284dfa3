#!/usr/bin/env python3
"""How many lines of each module the tests have run.

  lines.py REPORT            the share of the core and of each module; fails if one is below 90 %
  lines.py REPORT --missing  the same, with the lines that were not run
  lines.py --self-test       a report that must fail, and one that must not

REPORT is what `swift test --enable-code-coverage` leaves where `swift test --show-codecov-path` says. A process that a
test ends by a trap writes no counts: what only such tests run is counted as not run.
"""
import json
import sys

MODULES = ("QPW", "QPWObjects", "QPWPages")
LEAST = 90.0


def module(path):
    for name in MODULES:
        if f"/Sources/{name}/" in path:
            return name
    return None


def missing(file):
    """Lines at whose beginning, or in which first, a region is entered that was never run."""
    lines, zero = [], None
    for line, _, count, has_count, *_ in file["segments"]:
        if zero is not None:
            lines += range(zero, line)
            zero = None
        if has_count and count == 0:
            zero = line
    return sorted(set(lines))


def judge(report, shows_missing=False):
    files = [file for file in report["data"][0]["files"] if module(file["filename"])]
    good = True
    for name in MODULES:
        mine = [file for file in files if module(file["filename"]) == name]
        count = sum(file["summary"]["lines"]["count"] for file in mine)
        covered = sum(file["summary"]["lines"]["covered"] for file in mine)
        share = 100 * covered / count if count else 0
        good = good and share >= LEAST
        print(f"coverage: {name}: {share:.1f} % of {count} lines{'' if share >= LEAST else f': less than {LEAST:.0f} %'}")
        for file in sorted(mine, key=lambda file: file["filename"]) if shows_missing else []:
            lines = missing(file)
            if lines:
                print(f"  {file['filename'].split('/Sources/')[1]}: {', '.join(map(str, lines))}")
    return good


def report(*shares):
    def file(name, share):
        lines = {"count": 1000, "covered": 10 * share}
        return {"filename": f"/x/Sources/{name}/A.swift", "summary": {"lines": lines}, "segments": []}

    others = [file("QPWCommand", 0)]
    return {"data": [{"files": others + [file(name, share) for name, share in zip(MODULES, shares)]}]}


def main():
    if sys.argv[1:] == ["--self-test"]:
        right = judge(report(90, 95, 100)) and not judge(report(90, 89, 100)) and not judge(report(90, 95))
        print("coverage: self-test passed" if right else "coverage: self-test FAILED")
        return 0 if right else 1
    with open(sys.argv[1]) as document:
        return 0 if judge(json.load(document), "--missing" in sys.argv) else 1


sys.exit(main())
