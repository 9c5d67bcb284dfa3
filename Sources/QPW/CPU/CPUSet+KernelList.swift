extension CPUSet: CustomStringConvertible {
    /// The set that a text in the kernel's list format describes.
    ///
    /// Items are `3`, `0-3`, and `0-15:2/4` (of each group of 4 in 0-15 the first 2), separated by commas
    /// or white space; an empty text is the empty set. The kernel's `N` and `all`, whose meaning depends on
    /// the machine, are errors. Linear in the text and the words; safe on any thread.
    ///
    /// Kernel counterpart: `bitmap_parselist()` (`lib/bitmap-str.c`, in older kernels `lib/bitmap.c`).
    ///
    /// - Throws: ``CPUSetError``, which quotes the first item that is wrong.
    public init(kernelList text: String) throws(CPUSetError) {
        self.init()
        for item in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            try KernelListItem(item).add(to: &self)
        }
        trim()
    }

    /// The set in the kernel's list format: "0-3,8,10-12"; empty for the empty set.
    ///
    /// ``init(kernelList:)`` reads it back.
    ///
    /// Kernel counterpart: the `%*pbl` of `bitmap_list_string()` (`lib/vsprintf.c`).
    public var description: String {
        var runs: [ClosedRange<Int>] = []
        for cpu in self {
            if let run = runs.last, run.upperBound + 1 == cpu.id {
                runs[runs.count - 1] = run.lowerBound...cpu.id
            } else {
                runs.append(cpu.id...cpu.id)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
