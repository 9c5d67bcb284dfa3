#!/usr/bin/env python3
"""Checks the shape of a document that the command printed.

  shape.py info|latency|bench FILE
  shape.py self-test                 documents with any part missing must be caught
"""

import copy
import json
import sys

OWNER = (
    "involuntarySwitches voluntarySwitches gapsOver1us gapsOver10us p99ns p999ns maxns touches touchp99ns touchmaxns"
)
DRAIN = "count stalled meanns p50ns p99ns maxns"
ROW = "suite name threads unit min median max rounds"


def need(condition, complaint):
    if not condition:
        raise SystemExit(f"smoke: {complaint}")


def numbers(where, part, names):
    for name in names.split():
        value = part.get(name)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        need(is_number and value >= 0, f"{where}: {name} is {value!r}, not a number")


def latency(document):
    need(document.get("settings"), "latency: no settings")
    results = {result["policy"]: result for result in document["results"]}
    need("idle" in results, "latency: no idle rounds")
    need(len(results) > 1, "latency: no policy was measured")
    for policy, result in results.items():
        numbers(f"latency: {policy}: owner", result["owner"], OWNER)
        if policy != "idle":
            numbers(f"latency: {policy}: drain", result["drain"], DRAIN)
            need(result["drain"]["count"] > 0, f"latency: {policy}: nothing was drained")
    return f"{', '.join(results)}"


def bench(document):
    for row in document["results"]:
        need(set(ROW.split()) <= set(row), f"bench: a row has only {', '.join(row)}")
        numbers(f"bench: {row['name']}", row, "threads min median max rounds")
        need(row["min"] <= row["median"] <= row["max"], f"bench: {row['name']}: not min, median, max")
    need(document["results"], "bench: no results")
    return f"{len(document['results'])} rows"


def info(document):
    policy = document["policy"]
    need(policy.get("inForce") and policy.get("reason"), "info: does not say which policy is in force, and why")
    return f"{policy['inForce']}, because: {policy['reason']}"


def check(kind, document):
    schema = f"qpw.{kind}/1"
    need(next(iter(document), None) == "schema", f"{kind}: the first key is not schema")
    need(document["schema"] == schema, f"{kind}: the schema is {document['schema']}, not {schema}")
    return f"{schema}: {dict(info=info, latency=latency, bench=bench)[kind](document)}"


def without_each_part(part):
    """Copies of a document, each without one of the keys that it has at any depth."""
    keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else []
    for key in keys:
        rest = copy.copy(part)
        del rest[key]
        yield key, rest
        for inner, spoilt in without_each_part(part[key]):
            whole = copy.copy(part)
            whole[key] = spoilt
            yield f"{key}.{inner}", whole


def self_test():
    owner, drain = dict.fromkeys(OWNER.split(), 1), dict.fromkeys(DRAIN.split(), 1)
    row = dict.fromkeys(ROW.split(), 1)
    idle = {"policy": "idle", "owner": owner}
    good = {
        "info": {"policy": {"inForce": "lock", "reason": "it was asked for"}},
        "latency": {"settings": {"rate": 1}, "results": [{"policy": "lock", "owner": owner, "drain": drain}, idle]},
        "bench": {"results": [row]},
    }
    caught = 0
    for kind, body in good.items():
        document = {"schema": f"qpw.{kind}/1", **body}
        check(kind, document)
        for key, spoilt in without_each_part(document):
            try:
                check(kind, spoilt)
            except (SystemExit, KeyError):
                caught += 1
            else:
                raise SystemExit(f"smoke: self-test FAILED: {kind} without {key} passed")
    print(f"smoke: self-test passed: {caught} spoilt documents, all caught")


def main(kind, path=None):
    if kind == "self-test":
        return self_test()
    try:
        print(f"  {check(kind, json.load(open(path)))}")
    except KeyError as missing:
        raise SystemExit(f"smoke: {kind}: there is no {missing}")


if __name__ == "__main__":
    main(*sys.argv[1:])
