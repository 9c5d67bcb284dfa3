/// One line of the kernel's trace that a measurement can use.
struct TraceEvent: Equatable {
    enum Kind: Equatable {
        /// A CPU goes from one thread to another; `wasRunnable`: the first did not ask for it.
        case switched(from: Int, wasRunnable: Bool, to: Int, name: String)
        /// A kernel worker begins a work function.
        case workStarted(function: String)
        /// Events were lost between the line before and the next.
        case lost
    }

    /// On the monotonic clock; zero for lost events, whose line has no time.
    var nanoseconds: Int64
    var kind: Kind
}

extension TraceEvent {
    /// Nil for a line of any other event, and for one that is no line of a trace.
    ///
    ///     kworker/1:2-18530   [001] d..2. 13343.356090: sched_switch: prev_comm=… prev_pid=18530 … ==> next_comm=…
    ///
    /// Names come first, up to 15 bytes of anything, in a field of 16; nothing before the CPU has to be understood.
    init?(line: some StringProtocol) {
        if line.hasPrefix("CPU:") && line.contains(" [LOST ") {
            self.init(nanoseconds: 0, kind: .lost)
            return
        }
        // By bytes: the name's field is so many bytes wide, and a name need not be text.
        let context = line.utf8.dropFirst(17)
        guard let bracket = context.firstIndex(of: UInt8(ascii: "[")) else { return nil }
        let fields = String(decoding: context[bracket...], as: UTF8.self)
        guard let (time, event, details) = Self.split(fields) else { return nil }
        guard let kind = Kind(event: event, details) else { return nil }
        self.init(nanoseconds: time, kind: kind)
    }

    /// After the CPU come, if the trace's options have them, flags; then the time, the event's name and what it says.
    private static func split(_ fields: String) -> (Int64, Substring, Substring)? {
        var rest = fields.drop { $0 != " " }
        for _ in 0..<3 {
            rest = rest.drop { $0 == " " }
            let token = rest.prefix { $0 != " " }
            rest = rest.dropFirst(token.count)
            guard token.last == ":" else { continue }
            guard let time = nanoseconds(token.dropLast()) else { return nil }
            rest = rest.drop { $0 == " " }
            let event = rest.prefix { $0 != ":" }
            return (time, event, rest.dropFirst(event.count + 1))
        }
        return nil
    }

    /// Seconds and, behind a point, six digits.
    private static func nanoseconds(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 6, let seconds = Int64(parts[0]), seconds >= 0,
            let microseconds = Int64(parts[1]), microseconds >= 0
        else { return nil }
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? nil : nanoseconds + microseconds * 1000
    }
}

extension TraceEvent.Kind {
    fileprivate init?(event: Substring, _ details: Substring) {
        switch event {
        case "sched_switch": self.init(switch: details)
        case "workqueue_execute_start": self.init(work: details)
        default: return nil
        }
    }

    /// Looked at from the end, since names may contain anything that a field begins with.
    private init?(switch details: Substring) {
        guard let arrow = details.lastRange(of: " ==> next_comm=") else { return nil }
        let (before, after) = (details[..<arrow.lowerBound], details[arrow.upperBound...])
        guard let next = after.lastRange(of: " next_pid="),
            let to = Int(after[next.upperBound...].prefix { $0 != " " }),
            let previous = before.lastRange(of: " prev_pid="),
            let from = Int(before[previous.upperBound...].prefix { $0 != " " }),
            let state = before.lastRange(of: " prev_state=")
        else { return nil }
        self = .switched(
            from: from, wasRunnable: before[state.upperBound...].hasPrefix("R"), to: to,
            name: String(after[..<next.lowerBound]))
    }

    /// `work struct 00000000c0ffee: function lru_add_drain_per_cpu`
    private init?(work details: Substring) {
        guard let range = details.lastRange(of: " function ") else { return nil }
        let function = details[range.upperBound...].prefix { $0 != " " }
        guard !function.isEmpty else { return nil }
        self = .workStarted(function: String(function))
    }
}

extension Substring {
    fileprivate func lastRange(of pattern: String) -> Range<Index>? {
        var start = endIndex
        while let index = self[..<start].lastIndex(of: " ") {
            if self[index...].hasPrefix(pattern) { return index..<self.index(index, offsetBy: pattern.count) }
            start = index
        }
        return nil
    }
}
