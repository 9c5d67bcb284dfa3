@testable import QPW

/// Identifies the calling thread.
func thisThread() -> UInt { UInt(bitPattern: Int(System.threadID())) }
