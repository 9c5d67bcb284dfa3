#!/usr/bin/env python3
"""Checks the rseq descriptors of a linked ELF image: descriptors.py IMAGE HEADER...

IMAGE is sections.c linked at a fixed base, so that descriptors hold final addresses. HEADERs are the files
that must all define the same section functions. The kernel kills a process whose descriptor is wrong, but
only once a section is interrupted: a test seldom sees it.
"""

import re
import struct
import sys

# Machine number in the ELF header -> the bytes that the kernel wants just before an abort handler (RSEQ_SIG).
SIGNATURES = {62: struct.pack("<I", 0x53053053), 183: struct.pack("<I", 0xD428BC00)}
NAMES = {62: "x86_64", 183: "aarch64"}
# The longest section has some ten instructions. A longer one would be a label that was resolved wrongly.
LONGEST = 128


class Image:
    """A 64-bit little-endian ELF file: its sections and its symbols."""

    def __init__(self, path):
        self.bytes = open(path, "rb").read()
        if self.bytes[:6] != b"\x7fELF\x02\x01":
            raise SystemExit(f"{path} is not a 64-bit little-endian ELF file")
        (self.machine,) = struct.unpack_from("<H", self.bytes, 18)
        (table,) = struct.unpack_from("<Q", self.bytes, 40)
        size, count, names = struct.unpack_from("<HHH", self.bytes, 58)
        headers = [struct.unpack_from("<IIQQQQIIQQ", self.bytes, table + size * n) for n in range(count)]
        strings = headers[names][4]
        # name, type, address, offset, size, link
        self.sections = [(self.string(strings + h[0]), h[1], h[3], h[4], h[5], h[6]) for h in headers]

    def string(self, offset):
        return self.bytes[offset : self.bytes.index(b"\0", offset)].decode()

    def read(self, address, count):
        """The bytes at an address, or nothing where no section has it."""
        for _, kind, start, offset, size, _ in self.sections:
            # 8 is SHT_NOBITS: it has addresses and no bytes.
            if start and kind != 8 and start <= address and address + count <= start + size:
                return self.bytes[offset + address - start :][:count]
        return b""

    def functions(self):
        for _, kind, _, offset, size, link in self.sections:
            if kind != 2:  # SHT_SYMTAB
                continue
            strings = self.sections[link][3]
            for n in range(size // 24):
                name, info, _, _, value, length = struct.unpack_from("<IBBHQQ", self.bytes, offset + 24 * n)
                if info & 15 == 2:  # STT_FUNC
                    yield self.string(strings + name), value, length


def section_functions(header):
    """The names of the section functions that a header defines, without their common prefix."""
    text = open(header).read()
    defined = re.findall(r"^(?:QPW_INLINE|static inline)[^\n(]*?qpw_rseq_(\w+)\(", text, re.MULTILINE)
    by_macro = re.findall(r"^QPW_ACQUIRE\(qpw_rseq_(\w+)", text, re.MULTILINE)
    return set(defined + by_macro)


def main(path, headers):
    image = Image(path)
    problems = []

    functions = list(image.functions())
    expected = {name.removeprefix("section_") for name, _, _ in functions if name.startswith("section_")}
    for header in headers:
        difference = section_functions(header) ^ expected
        if difference:
            problems.append(f"{header} and sections.c differ in: {', '.join(sorted(difference))}")

    tables = [section for section in image.sections if section[0] == "__rseq_cs"]
    if len(tables) != 1:
        problems.append(f"there are {len(tables)} sections named __rseq_cs, not one")
    descriptors = []
    for _, _, address, offset, size, _ in tables:
        if address % 32 or size % 32:
            problems.append(f"__rseq_cs at {address:#x}, {size} bytes, holds no aligned descriptors")
        for at in range(offset, offset + size - 31, 32):
            descriptors.append(struct.unpack_from("<IIQQQ", image.bytes, at))
    if len(descriptors) != len(expected):
        problems.append(f"{len(descriptors)} descriptors for {len(expected)} section functions")

    inside = set()
    for version, flags, start, length, abort in descriptors:
        where = f"the section at {start:#x}, {length} bytes, aborting to {abort:#x}"
        if version or flags:
            problems.append(f"{where}: version {version} and flags {flags:#x}, not zero")
        if not 0 < length <= LONGEST:
            problems.append(f"{where}: a length outside of 1 to {LONGEST}")
        if start <= abort < start + length:
            problems.append(f"{where}: the abort handler is inside of the section")
        holders = {name for name, at, size in functions if at <= start and start + length <= at + size}
        if not holders:
            problems.append(f"{where}: it is inside of no function")
        inside |= holders
        if not image.read(abort, 4):
            problems.append(f"{where}: there is no code at the abort handler")
        if image.read(abort - 4, 4) != SIGNATURES[image.machine]:
            problems.append(f"{where}: no signature before the abort handler")
    if len(inside) != len(descriptors):
        problems.append("two descriptors describe one function's section")

    for problem in problems:
        print(f"{path}: {problem}", file=sys.stderr)
    if not problems:
        lengths = ", ".join(str(length) for _, _, _, length, _ in descriptors)
        name = NAMES[image.machine]
        print(f"{name}: {len(descriptors)} descriptors, sections of {lengths} bytes: consistent")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
