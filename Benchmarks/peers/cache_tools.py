#!/usr/bin/env python3
"""The hit ratio of cachetools' LRU and LFU on a file of keys.

  cache_tools.py FILE CAPACITY    prints a document like that of `qpw bench pages --trace FILE`
"""

import json
import sys

import cachetools


def percent(cache, keys):
    hits = 0
    for key in keys:
        if key in cache:
            cache[key]
            hits += 1
        else:
            cache[key] = key
    return 100 * hits / len(keys)


def main(path, capacity):
    with open(path) as file:
        keys = [int(line) for line in file]
    results = []
    for kind in (cachetools.LRUCache, cachetools.LFUCache):
        figure = percent(kind(maxsize=int(capacity)), keys)
        row = {"name": f"hitratio/{kind.__name__}", "threads": 1, "unit": "percent"}
        results.append(row | {"min": figure, "median": figure, "max": figure})
    json.dump({"results": results}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
