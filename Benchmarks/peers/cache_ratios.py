#!/usr/bin/env python3
"""Compares what `qpw bench pages` and the peers' drivers found, and prints hit ratios and what a hit costs.

  cache_ratios.py CYCLES FILE.json…   documents of one run: WORKLOAD.PROGRAM.json, or hits.PROGRAM.TURN.json with times;
                                      CYCLES is how many cycles are a nanosecond
  cache_ratios.py --self-test         figures that are known must be found again, and drivers that disagree be noticed
"""

import json
import os
import statistics
import sys

WORKLOADS = ("zipf", "scans", "loop", "database")
OURS, EXACT, TWIN = "trace", "trace/exactLRU", "LRUCache"
TITLES = {EXACT: "exact LRU", OURS: "PageCache", TWIN: "cachetools LRU", "LFUCache": "cachetools LFU", "Caffeine": "Caffeine"}
# The same algorithm, twice: what else than rounding tells exact LRU and cachetools' apart is a driver's mistake.
ROUNDING = 0.001
TIMES = {
    "hit/fence": "PageCache, fence",
    "immutableDictionary": "Swift Dictionary, immutable",
    "hit/Caffeine": "Caffeine",
    "HashMap": "Java HashMap, unchanged",
}


class Ratios:
    """Percent of hits, by workload and program."""

    def __init__(self):
        self.known = {}

    def add(self, workload, rows):
        for row in rows:
            program = row["name"].removeprefix("hitratio/")
            self.known.setdefault(workload, {})[program] = row["median"]

    def best_peer(self, workload):
        peers = {name: figure for name, figure in self.known[workload].items() if name not in (OURS, EXACT)}
        return max(peers, key=peers.get, default=None)

    def ahead(self, workload):
        best = self.best_peer(workload)
        return None if best is None else self.known[workload][OURS] - self.known[workload][best]

    def mistakes(self):
        both = [(name, known[EXACT], known[TWIN]) for name, known in self.known.items() if TWIN in known]
        return [f"{name}: exact LRU has {one}, cachetools' {other}" for name, one, other in both if abs(one - other) > ROUNDING]

    def table(self):
        programs = [name for name in TITLES if any(name in known for known in self.known.values())]
        lines = [f"{'workload':9}" + "".join(f"{TITLES[name]:>16}" for name in programs) + "   ours minus best peer"]
        for workload in (name for name in WORKLOADS if name in self.known):
            known, best = self.known[workload], self.best_peer(workload)
            figures = "".join(f"{known[name]:16.2f}" if name in known else f"{'-':>16}" for name in programs)
            end = f"{self.ahead(workload):+8.2f} ({TITLES[best]})" if best else f"{'-':>8}"
            lines.append(f"{workload:9}{figures}   {end}")
        return lines


class Times:
    """Nanoseconds, by program: the rows of all turns."""

    def __init__(self, cycles):
        self.cycles, self.rows = cycles, {}

    def add(self, rows):
        for row in rows:
            if row["threads"] == 1 and row["name"] in TIMES:
                self.rows.setdefault(row["name"], []).append(row)

    def spread(self, name):
        """Least, middle and greatest."""
        scale = {"ns": 1, "cycles": self.cycles}
        rows = [{key: row[key] / scale[row["unit"]] for key in ("min", "median", "max")} for row in self.rows[name]]
        middle = statistics.median(row["median"] for row in rows)
        return min(row["min"] for row in rows), middle, max(row["max"] for row in rows)

    def quotient(self, name, of):
        return self.spread(name)[1] / self.spread(of)[1] if name in self.rows and of in self.rows else None

    def table(self):
        lines = [f"{'':28}{'least':>10}{'median':>10}{'most':>10}"]
        for name in (name for name in TIMES if name in self.rows):
            lines.append(f"{TIMES[name]:28}" + "".join(f"{figure:10.1f}" for figure in self.spread(name)))
        for name, of in (("hit/fence", "hit/Caffeine"), ("hit/fence", "immutableDictionary"), ("hit/Caffeine", "HashMap")):
            quotient = self.quotient(name, of)
            if quotient is not None:
                lines.append(f"{TIMES[name]} / {TIMES[of]}: {quotient:.2f}")
        return lines


def self_test():
    def row(name, figure, unit="percent", threads=1):
        return {"name": name, "threads": threads, "unit": unit, "min": figure - 1, "median": figure, "max": figure + 1}

    ratios = Ratios()
    ratios.add("zipf", [row("hitratio/trace", 60.0), row("hitratio/trace/exactLRU", 50.0)])
    alone = (ratios.best_peer("zipf"), ratios.ahead("zipf"), ratios.mistakes())
    ratios.add("zipf", [row("hitratio/LRUCache", 50.0), row("hitratio/Caffeine", 62.5)])
    expect("a table without peers", alone, (None, None, []))
    expect("the best peer", (ratios.best_peer("zipf"), ratios.ahead("zipf")), ("Caffeine", -2.5))
    expect("drivers that agree", ratios.mistakes(), [])
    expect("the table", ratios.table()[1].split(), "zipf 50.00 60.00 50.00 62.50 -2.50 (Caffeine)".split())
    ratios.add("zipf", [row("hitratio/LRUCache", 50.1)])
    expect("drivers that disagree", len(ratios.mistakes()), 1)

    times = Times(2.0)
    times.add([row("hit/fence", 40, "cycles"), row("hit/fence", 99, "cycles", threads=2), row("hitratio/zipf", 1)])
    times.add([row("hit/fence", 60, "cycles"), row("hit/Caffeine", 50, "ns")])
    expect("nanoseconds", times.spread("hit/fence"), (19.5, 25.0, 30.5))
    expect("a quotient", times.quotient("hit/fence", "hit/Caffeine"), 0.5)
    expect("a quotient of what is not there", times.quotient("hit/fence", "HashMap"), None)
    print("cache_ratios: self-test passed")


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"cache_ratios: self-test FAILED: {what}: {found}, not {expected}")


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    ratios, times = Ratios(), Times(float(arguments[0]))
    for path in arguments[1:]:
        with open(path) as file:
            rows = json.load(file)["results"]
        workload = os.path.basename(path).split(".")[0]
        times.add(rows) if workload == "hits" else ratios.add(workload, rows)
    print("hits, percent of all requests, from an empty cache on")
    print("\n".join("  " + line for line in ratios.table()))
    if times.rows:
        print("\nnanoseconds for a look-up that finds its value, one thread")
        print("\n".join("  " + line for line in times.table()))
    if ratios.mistakes():
        raise SystemExit("cache_ratios: the drivers disagree: " + "; ".join(ratios.mistakes()))


if __name__ == "__main__":
    main(sys.argv[1:])
