@testable import QPW

extension WorkQueue {
    /// Queues `item` to the worker of `cpu`, or to the housekeeper; false if it was pending already.
    @discardableResult
    func put(_ item: WorkItem, to cpu: CPU?, at due: Int64 = 0) -> Bool {
        guard let ticket = item.queue(at: due) else { return false }
        if let cpu { submit(ticket, to: cpu) } else { submitToHousekeeper(ticket) }
        return true
    }
}
