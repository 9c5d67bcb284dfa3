import Foundation
import Testing

@testable import QPW

@Suite struct SysfsFileTests {
    @Test func leavesNoDescriptorOpen() async {
        // In a process of its own: nothing else opens files there.
        await #expect(processExitsWith: .success) {
            let sysfs = try FakeSysfs([
                "cpu/possible": "0-1", "cpu/online": "0", "node/node0/cpulist": "0-1",
            ])
            func lowestFreeDescriptor() -> Int32 {
                let descriptor = dup(STDERR_FILENO)
                close(descriptor)
                return descriptor
            }
            let before = lowestFreeDescriptor()
            for _ in 0..<10 {
                #expect(try sysfs.topology().online == [0])
                // A directory opens, and only then fails.
                #expect(throws: TopologyError.self) { try SysfsFile.text(of: sysfs.root) }
            }
            guard lowestFreeDescriptor() == before else { exit(EXIT_FAILURE) }
        }
    }

    #if canImport(Glibc)
    @Test func outlastsInterrupts() async {
        // In a process of its own: the handler is the whole process's.
        await #expect(processExitsWith: .success) {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            sigaction(SIGUSR1, &action, nil)
            // Threads of Dispatch's pool start with every signal blocked.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            let sysfs = try FakeSysfs()
            let pipe = sysfs.root + "/pipe"
            guard mkfifo(pipe, 0o600) == 0 else { exit(EXIT_FAILURE) }
            let reader = pthread_self()
            // The reader waits in open() until this opens the pipe, then in read() until it writes.
            Thread {
                func interrupt() {
                    for _ in 0..<100 {
                        pthread_kill(reader, SIGUSR1)
                        usleep(100)
                    }
                }
                interrupt()
                let descriptor = open(pipe, O_WRONLY)
                for piece in ["0-3", ",8"] {
                    interrupt()
                    _ = piece.withCString { write(descriptor, $0, piece.utf8.count) }
                }
                interrupt()
                close(descriptor)
            }.start()
            guard (try? SysfsFile.text(of: pipe)) == "0-3,8" else { exit(EXIT_FAILURE) }
        }
    }
    #endif
}
