#!/usr/bin/env python3
"""Counts the instructions of each probe's hot path, from its disassembly (GNU objdump, x86_64).

  walk.py check BINARY TRAITLESS LIMITS    compares with the checked-in figures
  walk.py update BINARY TRAITLESS LIMITS   writes them
  walk.py self-test BINARY LIMITS          the broken twins in BINARY must be caught

A *path* leads from a function's entry to its return, once through each instruction. Left out is everything that
is off the hot path: a path with a call; one that leaves the function, as failing sections do for their handlers;
one that traps. What is left must be a single path for each way of taking the slot, told apart by what is on it:

  kind       on its path
  ---------  -------------------------------------------------------------------
  rseq       the store that announces a section (%fs:8), and no locked instruction
  atomic     one locked instruction, and no section
  either     a section, which fails at once under an atomic lock, and then one locked instruction; the longest of them
  traitless  as rseq, in a build without the trait QPW: never longer than rseq

So the walk needs no guess at which branch is likely. That a second path appears, or that the only one gains a call,
is an error by itself. Calls that remain off the path may only be to the library's own slow paths.
"""

import re
import subprocess
import sys

# The kinds of path that each probe must have in a build with the trait. The counter's atomic add is a slow path, and so
# is all that takes a cache's slot.
PROBES = {
    "withLocal": ("rseq", "atomic"),
    "tryWithLocal": ("rseq", "atomic"),
    "lockLocal": ("rseq", "atomic"),
    "counterAdd": ("rseq",),
    "cacheAllocate": ("rseq", "either"),
    "cacheDeallocate": ("rseq", "either"),
    "sizesAllocate": ("rseq", "either"),
    "sizesDeallocate": ("rseq", "either"),
    "pageAdd": ("rseq", "either"),
}
# What each broken twin must be caught for.
SPOILT = {
    "call": "no rseq path without a call",
    "retain": "swift_retain",
    "allocation": "swift_allocObject",
    "atomic": "no rseq path",
}
# As the compiler spells them: each name behind its length.
SLOW_PATH = re.compile(
    r"\$s3QPW(9SlotTableC(16acquireLocalSlow|19tryAcquireLocalSlow|7release|18releaseLeavingWork)"
    r"|13PerCPUCounterV7addSlow)"
    r"|\$s10QPWObjects(11ObjectCacheC(12allocateSlow|14deallocateSlow)|11SizeClassesC(12allocateSlow|8freeSlow))"
    r"|\$s8QPWPages7PageLRUC10addWeighed"
)
LINE = re.compile(r"^\s+([0-9a-f]+):\t(.*)$")
PREFIX = re.compile(r"^((?:lock|rep|repz|repnz|bnd|notrack|data16|cs|ds) )+")


class Function:
    """A symbol's instructions, and the ways through them."""

    def __init__(self, listing):
        self.texts = {}
        for line in listing.splitlines():
            if match := LINE.match(line):
                self.texts[int(match[1], 16)] = re.sub(r"\s*#.*", "", match[2]).strip()
        self.addresses = sorted(self.texts)
        self.following = dict(zip(self.addresses, self.addresses[1:]))

    def mnemonic(self, address):
        return PREFIX.sub("", self.texts[address]).split()[0]

    def target(self, address):
        match = re.search(r"\s([0-9a-f]+) <", self.texts[address])
        return int(match[1], 16) if match else None

    def calls(self):
        """Where the function goes to and comes back, or goes to for good without being a section's handler."""
        for address in self.addresses:
            name = self.mnemonic(address)
            if name.startswith("call") or (name.startswith("jmp") and self.target(address) not in self.texts):
                yield self.texts[address]

    def successors(self, address):
        """The instructions after this one on a hot path; none where it is off every one."""
        name = self.mnemonic(address)
        if name.startswith(("call", "ud", "hlt", "int")):
            return []
        following = [self.following[address]] if address in self.following else []
        if not name.startswith("j"):
            return following
        target = [t for t in [self.target(address)] if t in self.texts]
        return target if name.startswith("jmp") else following + target

    def paths(self):
        """Every path from the entry to a return."""
        found = []
        stack = [(self.addresses[0],)]
        while stack:
            path = stack.pop()
            if self.mnemonic(path[-1]).startswith("ret"):
                found.append([self.texts[address] for address in path])
                if len(found) > 1000:
                    raise SystemExit("hotpath: more than 1000 paths through one probe: it has a new shape")
                continue
            stack += [path + (after,) for after in self.successors(path[-1]) if after not in path]
        return found


def kind_of(path):
    """How a path takes the slot: as rseq, as atomic, or in a way that nobody expects."""
    sections = sum(bool(re.search(r",%fs:0x8\(", text)) for text in path)
    locked = sum(text.startswith("lock ") or text.startswith("xchg") for text in path)
    kinds = {(1, 0): "rseq", (0, 1): "atomic", (1, 1): "either"}
    return kinds.get((sections, locked), f"{sections} sections, {locked} atomics")


def examine(binary, symbol, expected):
    """The length of each expected kind of path through a function, and what is wrong with it."""
    command = ["objdump", "-d", "--no-show-raw-insn", f"--disassemble={symbol}", binary]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    function = Function(listing)
    if not function.addresses:
        return {}, [f"{symbol}: {binary} has no such function"]
    problems = [
        f"{symbol}: has a call that is not to a slow path: {text}"
        for text in function.calls()
        if not SLOW_PATH.search(text)
    ]
    paths = {}
    for path in function.paths():
        paths.setdefault(kind_of(path), []).append(path)
    for kind in expected:
        if kind not in paths:
            problems.append(f"{symbol}: there is no {kind} path without a call")
    for kind, alike in sorted(paths.items()):
        if kind not in expected:
            problems.append(f"{symbol}: has a path of another kind: {kind}")
        elif len(alike) > 1 and kind != "either":
            lengths = ", ".join(str(len(path)) for path in alike)
            problems.append(f"{symbol}: has {len(alike)} {kind} paths ({lengths} instructions), not one")
    return {kind: max(map(len, paths[kind])) for kind in expected if kind in paths}, problems


def measure(binary, traitless):
    """All figures, as {(probe, kind): instructions}, and all problems."""
    figures, problems = {}, []
    for probe, kinds in PROBES.items():
        symbol = f"probe_{probe}"
        lengths, wrong = examine(binary, symbol, kinds)
        figures.update({(probe, kind): length for kind, length in lengths.items()})
        problems += wrong
        lengths, wrong = examine(traitless, symbol, ("rseq",))
        figures.update({(probe, "traitless"): length for length in lengths.values()})
        problems += [f"without the trait, {text}" for text in wrong]
    return figures, problems


def compare(figures, limits):
    """What is worse than the checked-in figures, or than the trait's promise."""
    problems = []
    for key, length in figures.items():
        name = " ".join(key)
        if key not in limits:
            problems.append(f"{name}: {length} instructions, and no limit is checked in")
        elif length > limits[key]:
            problems.append(f"{name}: {length} instructions, above the limit of {limits[key]}")
    for probe, kind in figures:
        queue = figures.get((probe, "rseq"))
        if kind == "traitless" and queue is not None and figures[probe, kind] > queue:
            problems.append(f"{probe}: {figures[probe, kind]} instructions without the trait, {queue} with it")
    return problems


def read(path):
    try:
        rows = [line.split("#")[0].split() for line in open(path)]
    except FileNotFoundError:
        return {}
    return {(row[0], row[1]): int(row[2]) for row in rows if row}


def write(path, figures, compiler):
    with open(path, "w") as file:
        file.write("# The most instructions that each hot path may have; written by `Checks/hotpath/run --update`.\n")
        file.write(f"# {compiler}, x86_64, release.\n")
        for (probe, kind), length in figures.items():
            file.write(f"{probe:16}{kind:11}{length:3}\n")


def self_test(binary, limits):
    """Shows that each rule catches something."""
    missed = []
    for twin, reason in SPOILT.items():
        problems = examine(binary, f"spoilt_{twin}", ("rseq", "atomic"))[1]
        caught = next((text for text in problems if reason in text), None)
        print(f"  {caught}" if caught else f"  spoilt_{twin}: NOT caught")
        missed += [] if caught else [twin]
    for key, limit in limits.items():
        probe, kind = key
        missed += [] if compare({key: limit + 1}, limits) else [f"{probe} {kind} grown by one instruction"]
        missed += [] if compare({key: limit}, {}) else [f"{probe} {kind} without a limit"]
        longer = {(probe, "rseq"): limit - 1, (probe, "traitless"): limit}
        missed += [] if compare(longer, longer) else [f"{probe} longer without the trait"]
    if missed:
        raise SystemExit("hotpath: self-test FAILED, not caught: " + "; ".join(missed))
    print(f"hotpath: self-test passed: {len(SPOILT)} broken twins, {3 * len(limits)} spoilt figures, all caught")


def main(verb, *arguments):
    if verb == "self-test":
        return self_test(arguments[0], read(arguments[1]))
    binary, traitless, limits = arguments
    figures, problems = measure(binary, traitless)
    if verb == "update" and not problems:
        version = subprocess.run(["swift", "--version"], check=True, capture_output=True, text=True).stdout
        write(limits, figures, re.search(r"Swift version \S+", version)[0])
    known = read(limits)
    for (probe, kind), length in figures.items():
        print(f"  {probe:16}{kind:11}{length:3} instructions, at most {known.get((probe, kind), '?')}")
    problems += compare(figures, known)
    for problem in problems:
        print(f"hotpath: {problem}", file=sys.stderr)
    if problems:
        raise SystemExit(1)
    print("hotpath: no call, no reference counting, no allocation, and nothing longer than it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
