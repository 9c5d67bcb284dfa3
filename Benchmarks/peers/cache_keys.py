#!/usr/bin/env python3
"""Writes the requests that caches are compared by, one key a line; the same ones every time.

  cache_keys.py DIRECTORY [--divide N]    WORKLOAD.keys for each workload, all but hits N times smaller than usual
  cache_keys.py --capacity [--divide N]   prints how many entries the caches are to have room for

zipf: a million requests for a million keys, the k-th most popular in proportion to k^-0.99. scans: the same, and after each
hundred thousand a scan over half as many keys that are never asked for again. loop: a fifth more keys than there is room
for, one after the other. hits: what `qpw bench pages` takes for its own hits, and so of one size: Zipf over 100 000 keys.
"""

import itertools
import os
import random
import sys

CAPACITY, KEYS, REQUESTS, SKEW, SEED = 100_000, 1_000_000, 1_000_000, 0.99, 4
HIT_KEYS, HITS = 100_000, 1 << 20


def zipf(keys, count, seed):
    weights = list(itertools.accumulate(rank**-SKEW for rank in range(1, keys + 1)))
    return random.Random(seed).choices(range(keys), cum_weights=weights, k=count)


def with_scans(base, every, length, fresh):
    for start in range(0, len(base), every):
        yield from base[start : start + every]
        yield from range(fresh, fresh + length)
        fresh += length


def workloads(divide):
    capacity, keys, requests = CAPACITY // divide, KEYS // divide, REQUESTS // divide
    base = zipf(keys, requests, SEED)
    yield "zipf", base
    yield "scans", with_scans(base, capacity, capacity // 2, keys)
    around = capacity + capacity // 5
    yield "loop", (number % around for number in range(requests))
    yield "hits", zipf(HIT_KEYS, HITS, SEED + 1)


def main(arguments):
    divide = 1
    if "--divide" in arguments:
        at = arguments.index("--divide")
        divide = int(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    if arguments == ["--capacity"]:
        return print(CAPACITY // divide)
    for name, keys in workloads(divide):
        with open(os.path.join(arguments[0], name + ".keys"), "w") as file:
            file.writelines(f"{key}\n" for key in keys)


if __name__ == "__main__":
    main(sys.argv[1:])
