#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Ends the process because the program broke a rule of this library.
@usableFromInline
package func trap(_ message: String) -> Never {
    fatalError("QPW: " + message)
}

/// One line on standard error, for what is wrong but can be put right without the program's help.
package func warn(_ message: String) {
    var line = "QPW: " + message + "\n"
    line.withUTF8 { bytes in _ = write(2, bytes.baseAddress, bytes.count) }
}
