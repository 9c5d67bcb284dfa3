package import Synchronization

/// One queueing of an item, on one list.
package final class Ticket: @unchecked Sendable {
    package let item: WorkItem
    /// When the queueing is to run, on the monotonic clock; in the past for at once.
    package let due: Int64
    private let number: UInt32
    /// The next on the list: written by who pushes, then by who has taken the whole list.
    fileprivate var next: Unmanaged<Ticket>?

    init(_ item: WorkItem, number: UInt32, due: Int64) {
        self.item = item
        self.number = number
        self.due = due
    }

    /// False once the queueing was cancelled or has begun elsewhere: the ticket can be dropped.
    package var isCurrent: Bool { item.isCurrent(number) }

    package func run() { item.run(number) }
}

/// A list to which anybody pushes and of which one takes all: its head, in memory that the list's owner provides.
package enum TicketList {
    package static func push(_ ticket: Ticket, on head: borrowing Atomic<UInt>) {
        let link = Unmanaged.passRetained(ticket)
        var seen = head.load(ordering: .relaxed)
        while true {
            ticket.next = UnsafeRawPointer(bitPattern: seen).map { .fromOpaque($0) }
            inject(.push)
            let result = head.weakCompareExchange(
                expected: seen, desired: UInt(bitPattern: link.toOpaque()), ordering: .releasing)
            if result.exchanged { return }
            seen = result.original
        }
    }

    /// All tickets, in the order in which they were pushed.
    package static func takeAll(from head: borrowing Atomic<UInt>) -> [Ticket] {
        guard head.load(ordering: .relaxed) != 0 else { return [] }
        inject(.takeAll)
        var link: Unmanaged<Ticket>? =
            UnsafeRawPointer(bitPattern: head.exchange(0, ordering: .acquiring)).map { .fromOpaque($0) }
        var tickets: [Ticket] = []
        while let taken = link {
            let ticket = taken.takeRetainedValue()
            link = ticket.next
            ticket.next = nil
            tickets.append(ticket)
        }
        tickets.reverse()
        return tickets
    }
}
