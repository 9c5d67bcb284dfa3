import QPW
import Synchronization

// Taking banks away, with the gate held. Under a policy whose remote work is queued, a CPU's worker comes once for all that
// the CPU has; under the others the caller takes slot after slot.
extension PageLRU {
    func hasBatches(_ cpu: CPU, _ extent: DrainExtent) -> Bool {
        batches.needsDrain(cpu, extent) || tails.needsDrain(cpu, extent) || pinned.needsDrain(cpu, extent)
    }

    func detachAll(_ extent: DrainExtent) {
        switch inForce.remote {
        case .queue:
            for errand in queueDetaching(extent) { _ = errand.flush() }
        case .inline, .fence:
            for cpu in batches.slots.cpus { detach(from: cpu, extent) }
        case .deferred:
            batches.slots.drain(where: { extent.includes($0) }) { self.detach(&$0, from: self.batches, $1) }
            pinned.slots.drain(where: { extent.includes($0) }) { self.detach(&$0, from: self.pinned, $1) }
            for cpu in tails.slots.cpus { detachTails(from: cpu, extent) }
        }
    }

    func detachAll(_ extent: DrainExtent) async {
        guard case .deferred = inForce.remote else {
            for errand in queueDetaching(extent) { await errand.flush() }
            return
        }
        await batches.slots.drain(where: { extent.includes($0) }) { self.detach(&$0, from: self.batches, $1) }
        await pinned.slots.drain(where: { extent.includes($0) }) { self.detach(&$0, from: self.pinned, $1) }
        for cpu in tails.slots.cpus { detachTails(from: cpu, extent) }
    }

    /// One CPU after the other.
    func detachAll(until deadline: Int64) throws(QPWTimeout) {
        for cpu in batches.slots.cpus {
            try visit(cpu, batches, until: deadline)
            if tails.needsDrain(cpu, .needyCPUs) {
                try withSignalsBlocked { () throws(QPWTimeout) in try visit(cpu, tails, until: deadline) }
            }
            try visit(cpu, pinned, until: deadline)
        }
    }

    private func visit(
        _ cpu: CPU, _ slots: borrowing BatchedSlots, until deadline: Int64
    ) throws(QPWTimeout) {
        guard slots.needsDrain(cpu, .needyCPUs) else { return }
        let left = Duration.nanoseconds(deadline - MonotonicClock.now())
        try slots.slots.perform(on: cpu, timeout: left) { banks in detach(&banks, from: slots, cpu) }
    }

    /// To all CPUs before anybody waits; what need not be queued is done when this returns.
    private func queueDetaching(_ extent: DrainExtent) -> [WorkItem] {
        let isQueued = inForce.remote == .queue
        return batches.slots.cpus.compactMap { cpu in
            guard hasBatches(cpu, extent) else { return nil }
            guard isQueued && cpu.isRemote else {
                detach(from: cpu, extent)
                return nil
            }
            let errand = WorkItem { [self] in detach(from: cpu, extent) }
            if let ticket = errand.queue() { WorkQueue.shared.submit(ticket, to: cpu) }
            return errand
        }
    }

    /// Takes away what `cpu` has; on its worker, or by who may do so from anywhere.
    func detach(from cpu: CPU, _ extent: DrainExtent) {
        visit(cpu, batches, extent)
        detachTails(from: cpu, extent)
        visit(cpu, pinned, extent)
    }

    /// With signals blocked: a handler on this thread that rotates a folio would find the slot held, by its own thread.
    private func detachTails(from cpu: CPU, _ extent: DrainExtent) {
        if tails.needsDrain(cpu, extent) { withSignalsBlocked { visit(cpu, tails, extent) } }
    }

    func visit(_ cpu: CPU, _ slots: borrowing BatchedSlots, _ extent: DrainExtent) {
        guard slots.needsDrain(cpu, extent) else { return }
        slots.slots.perform(on: cpu) { banks in detach(&banks, from: slots, cpu) }
    }

    private func detach(_ banks: inout CPUBanks, from slots: borrowing BatchedSlots, _ cpu: CPU) {
        counters.note(.visit)
        slots.slots.unmark(cpu, .all)
        inject(.detached)
        slots.detach(&banks)
    }
}

extension DrainExtent {
    func includes(_ marks: Dirty) -> Bool { self == .everyCPU || !marks.isEmpty }
}
