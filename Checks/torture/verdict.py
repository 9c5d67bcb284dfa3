#!/usr/bin/env python3
"""Judges what `qpw torture --json` prints.

  verdict.py clean|caught FILE  a line or some about the document; fails unless it says that, from a build with QPW_TORTURE=1
  verdict.py defects|cases      from `qpw torture --experimental-dump-help`: what --busted takes; how many cases there may be
"""
import json
import sys


def values(arguments, option):
    [found] = [argument for argument in arguments if argument["valueName"] == option]
    return found["allValues"]


def judge(expected, report):
    settings = report["settings"]
    if not settings["injection"]:
        return "this is no build with QPW_TORTURE=1"
    if report["verdict"] != expected:
        return f"not {expected}, but {report['verdict']}"
    if expected == "caught":
        failure = report["failure"]
        print(f"  {settings['busted']}: caught under {failure['policy']}, seed {failure['seed']}: {failure['breach']}")
        return None
    results = report["results"]
    if not results or any(result["steps"] == 0 for result in results):
        return "somebody did nothing"
    for note in report["notes"]:
        print(f"  {note}")
    for suite in dict.fromkeys(result["suite"] for result in results):
        mine = [result for result in results if result["suite"] == suite]
        seconds = sum(result["seconds"] for result in mine)
        policies = ", ".join(result["policy"] for result in mine if "policy" in result)
        print(
            f"  {suite}: clean, seed {settings['seed']}: {sum(result['steps'] for result in mine)} steps in"
            f" {seconds:.0f} s" + (f", under {policies}" if policies else "")
        )
    return None


def main():
    if sys.argv[1] in ("defects", "cases"):
        arguments = json.load(sys.stdin)["command"]["arguments"]
        if sys.argv[1] == "defects":
            print(*values(arguments, "busted"))
        else:
            # Some suites have no policies, and are given their time all the same.
            print((len(values(arguments, "suite")) - 1) * len(values(arguments, "policy")))
    else:
        with open(sys.argv[2]) as document:
            fault = judge(sys.argv[1], json.load(document))
        if fault:
            sys.exit(f"torture: {fault}")


main()
