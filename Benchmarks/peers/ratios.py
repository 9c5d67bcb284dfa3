#!/usr/bin/env python3
"""Compares documents of `qpw bench objects` with those of peers, and prints ratios of medians.

  ratios.py FILE.json…     documents of one run; NAME.TURN.json, where NAME `traitless` is a build without the trait QPW
  ratios.py --self-test    a ratio above its bound must be called a miss
"""

import json
import os
import statistics
import sys

PEERS = ("glibc", "jemalloc", "tcmalloc", "mimalloc")
WORKLOADS = ("pair64", "batch100", "batch10k", "batch1M", "kmalloc1M", "cross")
# What is asked of ours over the fastest peer: workload, policy, most.
BOUNDS = {
    ("pair64", "fence"): 0.85,
    ("pair64", "queue"): 0.85,
    ("batch100", "fence"): 1.0,
    ("batch10k", "fence"): 1.0,
    ("batch1M", "fence"): 1.1,
    ("cross", "fence"): 1.0,
}


# The proposal's own figures, cycles for one kmalloc of 64 bytes: v1 over a million allocations, v4 over nine million.
# Beside each of our configurations the kernel that it is the counterpart of, and the base that this one is compared with.
BASE, BASE_RT = (159, 60), (185, 95)
PROPOSAL = (
    ("none", "no locking at all", "base", BASE, BASE),
    ("traitless", "without the trait QPW", "configured out", (163, 62), BASE),
    ("queue", "queue", "qpw=0", (170, 62), BASE),
    ("lock", "lock", "qpw=1", (190, 75), BASE),
    ("fence", "fence", "", None, None),
    ("rtQueue", "rtQueue", "RT, qpw=0", (181, 99), BASE_RT),
    ("rtLock", "rtLock", "RT, qpw=1", (196, 97), BASE_RT),
)


class Figures:
    """All turns' rows of one name and number of threads, as least, middle and greatest."""

    def __init__(self):
        self.rows = {}

    def add(self, rows, is_traitless):
        for row in rows:
            workload, _, policy = row["name"].partition("/")
            if is_traitless and policy == "queue":
                policy = "traitless"
            elif is_traitless:
                continue
            self.rows.setdefault((workload, policy, row["threads"]), []).append(row)

    def median(self, *key):
        rows = self.rows.get(key)
        return statistics.median(row["median"] for row in rows) if rows else None

    def text(self, *key):
        rows = self.rows.get(key)
        if not rows:
            return "-"
        least, most = min(row["min"] for row in rows), max(row["max"] for row in rows)
        return f"{least:.1f} {self.median(*key):.1f} {most:.1f}"

    def policies(self):
        seen = dict.fromkeys(policy for workload, policy, _ in self.rows if workload in WORKLOADS)
        return [policy for policy in seen if policy not in PEERS]

    def fastest(self, workload, threads):
        known = [(self.median(workload, peer, threads), peer) for peer in PEERS]
        return min(((median, peer) for median, peer in known if median), default=None)


def ratios(figures):
    """(subject, ratio, most or None) for each figure of ours that a peer has, too."""
    found = []
    for threads in (1, 2):
        for workload in WORKLOADS:
            fastest = figures.fastest(workload, threads)
            for policy in figures.policies() if fastest else []:
                ours = figures.median(workload, policy, threads)
                if ours is None:
                    continue
                bound = BOUNDS.get((workload, policy)) if threads == 1 or workload == "cross" else None
                found.append((f"{workload}/{policy}, threads {threads}", ours / fastest[0], fastest[1], bound))
    return found


def inner_ratios(figures):
    """What is asked of ours against ours."""
    found = []
    two = figures.median("bare", "two-cas-stores", 1)
    lock = figures.median("pair64", "lock", 1)
    if two and lock:
        found.append(("pair64/lock", lock / two, "two bare compare-and-exchanges", 1.15))
    traitless, queue = figures.median("pair64", "traitless", 1), figures.median("pair64", "queue", 1)
    if traitless and queue:
        found.append(("pair64, trait off", traitless / queue, "trait on", 1.01))
    for workload in ("pair64", "batch100", "batch10k", "batch1M"):
        for policy in ("fence", "queue", "lock"):
            one, both = figures.median(workload, policy, 1), figures.median(workload, policy, 2)
            if one and both:
                found.append((f"{workload}/{policy}, 2 threads", both / one, "1 thread", 1.2))
    return found


def print_figures(figures):
    print("cycles an operation: least, median, greatest")
    for threads in (1, 2):
        for workload in WORKLOADS:
            names = [name for name in (*PEERS, *figures.policies()) if figures.median(workload, name, threads)]
            for name in names:
                print(f"  {workload + '/' + name:30} threads {threads}  {figures.text(workload, name, threads)}")
    for key in sorted(key for key in figures.rows if key[0] not in WORKLOADS):
        unit = figures.rows[key][0]["unit"]
        print(f"  {key[0] + '/' + key[1]:30} threads {key[2]}  {figures.text(*key)} {unit}")


def proposal_table(figures):
    """Lines: ours (least, median, greatest, over none) and beside it the proposal's (v1, v4, over base)."""
    base = figures.median("kmalloc1M", "none", 1)
    lines = []
    for policy, ours, theirs, cycles, theirs_base in PROPOSAL:
        rows = figures.rows.get(("kmalloc1M", policy, 1))
        if not rows:
            continue
        median = figures.median("kmalloc1M", policy, 1)
        least, most = min(row["min"] for row in rows), max(row["max"] for row in rows)
        over = f"{median / base:5.2f}" if base else "    -"
        line = f"  {ours:22} {least:6.1f} {median:6.1f} {most:6.1f} {over}"
        if cycles:
            line += f"    {theirs:15}" + "".join(f"{one:4} {one / of:5.2f} " for one, of in zip(cycles, theirs_base))
        lines.append(line)
    return lines


def print_proposal_table(figures):
    lines = proposal_table(figures)
    if not lines:
        return
    print("\ncycles for an allocation of 64 bytes, a million in a row (kmalloc1M), and the proposal's for kmalloc")
    print(f"  {'ours':22} {'least':>6} {'median':>6} {'most':>6} {'ratio':>5}    {'the proposal':15} {'v1':>4} ratio   v4 ratio")
    print("\n".join(lines))


def verdict(ratio, bound):
    if bound is None:
        return ""
    return f"at most {bound}" + ("" if ratio <= bound else ": MISSED")


def report(figures):
    print_figures(figures)
    print_proposal_table(figures)
    print("\nratios of medians")
    for subject, ratio, base, bound in ratios(figures) + inner_ratios(figures):
        print(f"  {subject:34} {ratio:6.3f} of {base:32} {verdict(ratio, bound)}")


def self_test():
    def row(name, median, threads=1):
        return {"name": name, "threads": threads, "unit": "cycles", "min": median, "median": median, "max": median}

    figures = Figures()
    figures.add([row("pair64/mimalloc", 10), row("pair64/glibc", 20), row("pair64/fence", 9)], False)
    figures.add([row("pair64/queue", 8)], False)
    found = {subject: verdict(ratio, bound) for subject, ratio, _, bound in ratios(figures)}
    expected = {
        "pair64/fence, threads 1": "at most 0.85: MISSED",
        "pair64/queue, threads 1": "at most 0.85",
    }
    if found != expected:
        raise SystemExit(f"ratios: self-test FAILED: {found}")
    figures.add([row("kmalloc1M/none", 10), row("kmalloc1M/lock", 13)], False)
    found = [line.split() for line in proposal_table(figures)]
    if [line[-1] for line in found] != ["1.00", "1.25"] or found[1][4] != "1.30":
        raise SystemExit(f"ratios: self-test of the table FAILED: {found}")
    print("ratios: self-test passed")


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    figures = Figures()
    for path in arguments:
        with open(path) as file:
            rows = json.load(file)["results"]
        figures.add(rows, os.path.basename(path).startswith("traitless."))
    report(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
