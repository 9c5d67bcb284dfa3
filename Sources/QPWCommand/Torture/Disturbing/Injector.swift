import Foundation
import QPW

/// Disturbs threads at the points inside the protocols, in a build that has them.
enum Injector {
    static var isCompiledIn: Bool { Injection.isCompiledIn }

    static func begin() {
        #if QPW_TORTURE
        Injection.hook = { _ in Injector.strike() }
        #endif
    }

    static func end() {
        #if QPW_TORTURE
        Injection.hook = nil
        #endif
    }

    #if QPW_TORTURE
    /// Mostly nothing. The library's own threads are slowed down, and neither moved nor interrupted.
    private static func strike() {
        let luck = ThreadLuck.current
        let choice = luck.map { $0.pointee.next() } ?? SeededRandom.mix(CycleClock.now())
        switch choice % 512 {
        case 0..<8: yieldThread()
        case 8..<16: ThreadLuck.dawdle(choice >> 32 % 400)
        case 16: System.sleep(nanoseconds: 50_000)
        case 17..<20: luck?.pointee.move()
        case 20..<24: if luck != nil { pthread_kill(pthread_self(), SignalStorm.signal) }
        default: break
        }
    }
    #endif
}
