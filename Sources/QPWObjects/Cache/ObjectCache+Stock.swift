package import QPW

extension ObjectCache {
    /// Gives `cpu` a full sheaf, if it has none, as if it had freed as many objects.
    ///
    /// For what is measured and tested on machines that do not have that CPU.
    package func stockUp(_ cpu: CPU) throws(OutOfMemory) {
        let node = sheaves.perform(on: cpu) { $0.node }
        guard let sheaf = stock.makeSheaf() else { throw OutOfMemory(cache: name) }
        sheaf.size = nodes[node].withSlabs {
            $0.take(sheaf.capacity, for: stock.identity, into: sheaf.objects)
        }
        let isTaken = sheaves.perform(on: cpu) { value in
            guard value.main.isBootstrap, !value.isBypassed else { return false }
            value.main = sheaf
            sheaves.markDirty(cpu, [.some, .active])
            return true
        }
        if !isTaken { stock.putAway(sheaf, node) }
    }
}
