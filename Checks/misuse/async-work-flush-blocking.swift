// expect: is unavailable from asynchronous contexts
import QPW

func wait(_ work: PerCPUWork) async throws {
    try work.flush(timeout: .seconds(1))
}
