#!/usr/bin/env python3
"""Finds everything that a function which may be called in a signal handler can reach (GNU objdump, x86_64).

  reach.py check BINARY       each function that is called signal_… may only reach what is safe there
  reach.py self-test BINARY   each that is called unsafe_… must be caught, and for its own reason

From function to function all calls and jumps are followed. What cannot come back is left out: there the program ends
with a message, and a handler does not go on; an instruction counts only if a return can be reached from it. What lies
outside of the binary must be on the list below: no lock, no allocation, none of the language's run-time functions. A call
through a pointer could lead anywhere, and so is an error by itself.
"""

import re
import subprocess
import sys

# Outside of the binary: what they do is a system call, or nothing that anybody could be in the middle of.
SAFE = {
    "syscall",
    "sched_getcpu",
    "__errno_location",
    # A weak symbol: it is there only in a build for the address sanitizer, which makes no such promise.
    "__asan_poison_memory_region",
    "__asan_unpoison_memory_region",
}
# Outside of the binary, and never to come back: the ways in which a program of Swift ends.
FINAL = re.compile(r"_assertionFailure|_fatalErrorMessage|^abort$|^__stack_chk_fail$")
# What each broken twin must be caught for.
SPOILT = {
    "unsafe_allocate": "pthread_mutex_lock",
    "unsafe_malloc": "malloc",
    "unsafe_object": "swift_allocObject",
    "unsafe_closure": "through a pointer",
}
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\t(.*)$")
PREFIX = re.compile(r"^((?:lock|rep|repz|repnz|bnd|notrack|data16|cs|ds) )+")
TARGET = re.compile(r"([0-9a-f]+) <([^>]+?)(\+0x[0-9a-f]+)?>")


class Program:
    """The functions of a binary, with their instructions as (address, mnemonic, text)."""

    def __init__(self, binary):
        command = ["objdump", "-d", "--no-show-raw-insn", binary]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        self.functions = {}
        current = None
        for line in listing.splitlines():
            if match := FUNCTION.match(line):
                current = self.functions.setdefault(match[1], [])
            elif current is not None and (match := INSTRUCTION.match(line)):
                text = PREFIX.sub("", re.sub(r"\s*#.*", "", match[2]).strip())
                current.append((int(match[1], 16), text.split()[0] if text else "", text))
        self.ways = {}

    def is_outside(self, name):
        return name.endswith("@plt") or name not in self.functions

    def explore(self, name):
        """Where `name` goes from instructions that may come back: {target: text}. None if it never comes back."""
        if self.is_outside(name):
            return None if FINAL.search(name.removesuffix("@plt")) else {}
        if name not in self.ways:
            # Who calls himself comes back if anything else of him does.
            self.ways[name] = {}
            self.ways[name] = self.walk(self.functions[name])
        return self.ways[name]

    def walk(self, body):
        index = {address: place for place, (address, _, _) in enumerate(body)}
        after = [[] for _ in body]
        leaving = [None] * len(body)
        returns = []
        for place, (_, mnemonic, text) in enumerate(body):
            isCall, isJump = mnemonic.startswith("call"), mnemonic.startswith("j")
            fallsThrough = not mnemonic.startswith(("ret", "jmp", "ud", "hlt", "int"))
            if mnemonic.startswith("ret"):
                returns.append(place)
            if isCall or isJump:
                match = TARGET.search(text)
                if match is None:
                    # A jump through a table, as a switch has, or a call through a pointer.
                    leaving[place] = "through a pointer"
                    if isJump:
                        returns.append(place)
                elif int(match[1], 16) in index and isJump:
                    after[place].append(index[int(match[1], 16)])
                elif match[3] and isJump:
                    # A section's handler, which has no name and comes back to the end of the section.
                    returns.append(place)
                else:
                    leaving[place] = match[2]
                    comesBack = self.explore(match[2]) is not None
                    if isJump and comesBack:
                        returns.append(place)
                    fallsThrough = fallsThrough and (comesBack or isJump)
            if fallsThrough and place + 1 < len(body):
                after[place].append(place + 1)
        if not returns:
            return None
        before = [[] for _ in body]
        for place, followers in enumerate(after):
            for follower in followers:
                before[follower].append(place)
        alive, stack = set(), returns
        while stack:
            place = stack.pop()
            if place not in alive:
                alive.add(place)
                stack += before[place]
        return {leaving[place]: body[place][2] for place in alive if leaving[place] is not None}

    def problems(self, root):
        """What `root` reaches and must not, each with the way there."""
        if root not in self.functions:
            return [f"{root}: there is no such function"], 0
        found, seen, stack = [], {root}, [(root, [root])]
        while stack:
            name, way = stack.pop()
            for target in sorted(self.explore(name) or {}):
                if target in seen:
                    continue
                seen.add(target)
                plain = target.removesuffix("@plt")
                if not self.is_outside(target):
                    stack.append((target, way + [target]))
                elif plain not in SAFE and not FINAL.search(plain):
                    found.append(f"{' > '.join(way)} > {plain}")
        return found, len(seen)


def check(program):
    roots = sorted(name for name in program.functions if name.startswith("signal_"))
    failed = not roots
    for root in roots:
        found, count = program.problems(root)
        print(f"  {root:28}{count:3} functions within reach")
        for problem in found[:5]:
            print(f"hotpath: not for a signal handler: {problem}", file=sys.stderr)
        failed = failed or bool(found)
    if failed:
        raise SystemExit("hotpath: a signal handler could reach what it must not, or nothing was looked at")
    print("hotpath: no lock, no allocation and no run-time function within a signal handler's reach")


def self_test(program):
    missed = []
    for root, reason in SPOILT.items():
        caught = next((text for text in program.problems(root)[0] if reason in text), None)
        print(f"  {caught}" if caught else f"  {root}: NOT caught")
        missed += [] if caught else [root]
    if missed:
        raise SystemExit("hotpath: self-test FAILED, not caught: " + "; ".join(missed))
    print(f"hotpath: self-test passed: {len(SPOILT)} unsafe functions, all caught")


if __name__ == "__main__":
    {"check": check, "self-test": self_test}[sys.argv[1]](Program(sys.argv[2]))
