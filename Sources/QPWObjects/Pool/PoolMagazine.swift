public import QPW

/// The idle objects of one CPU, by the addresses of their cells: the value of a pool's slot.
///
/// Objects come and go by restartable pushes and pops, as with a cache's sheaf; a magazine is one. A CPU without one has
/// the bootstrap sheaf, so that its first return takes the slot and marks it: an unmarked slot holds nothing.
@usableFromInline
struct PoolMagazine: ~Copyable, RestartableStack {
    /// First: it is where restartable pushes and pops look.
    var cells: Sheaf = .bootstrap
}
