import ArgumentParser

/// Something that a program can ask of the kernel and that drains every CPU's batches of pages.
enum KernelTrigger: String, CaseIterable, ExpressibleByArgument {
    /// A page is moved to a NUMA node (`lru_cache_disable`, mm/swap.c). Needs no privilege.
    case movePages = "move_pages"
    /// Small pages become a huge one (`madvise_collapse`, mm/khugepaged.c). Needs no privilege.
    case collapse
    /// A block device forgets its pages (`invalidate_bdev`, block/bdev.c).
    case flushBuffers = "flushbufs"
    /// All memory is compacted (`compact_nodes`, mm/compaction.c).
    case compactMemory = "compact_memory"
    /// The page cache is emptied (`drop_caches_sysctl_handler`, fs/drop_caches.c).
    case dropCaches = "drop_caches"

    /// Those that burden nobody but the CPUs that they drain.
    static let modest: [KernelTrigger] = [.movePages, .collapse, .flushBuffers]

    var label: String {
        switch self {
        case .movePages: "move_pages(2)"
        case .collapse: "MADV_COLLAPSE"
        case .flushBuffers: "BLKFLSBUF"
        case .compactMemory: "compact_memory"
        case .dropCaches: "drop_caches"
        }
    }
}
