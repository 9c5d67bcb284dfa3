import Foundation

/// A file of which the owner writes a page now and then: a new page of the page cache lies in a batch of the CPU on
/// which it was written, until the batch is full or somebody drains it.
final class DirtyPages: Sendable {
    private let descriptor: Int32

    /// Fewer than a batch holds (`FOLIO_BATCH_SIZE`, include/linux/folio_batch.h).
    private static let pages = 4
    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// In memory where there is such a file system, so that no disk is written to; without a name from the start.
    init() throws(SystemFile.Failure) {
        var template = Array("/dev/shm/qpw.XXXXXX".utf8CString)
        var descriptor = mkstemp(&template)
        if descriptor < 0 {
            template = Array("/tmp/qpw.XXXXXX".utf8CString)
            descriptor = mkstemp(&template)
        }
        guard descriptor >= 0 else { throw SystemFile.Failure(path: "/tmp", code: errno) }
        unlink(template)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Gives the pages back and writes new ones.
    func write() {
        _ = ftruncate(descriptor, 0)
        let page = [UInt8](repeating: 1, count: Self.pageSize)
        for index in 0..<Self.pages { _ = pwrite(descriptor, page, page.count, off_t(index * page.count)) }
    }
}
