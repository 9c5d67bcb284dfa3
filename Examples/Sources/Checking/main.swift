// An object cache while a program is being debugged, objects that are set aside beforehand, and what the cache counts.
import QPW
import QPWObjects

// Red zones and poison find who writes where he may not. Such a cache is slow: it has no sheaves.
let flags: ObjectCache.Flags = [.redZones, .poison]
let checked = ObjectCache(name: "checked", objectSize: 100, flags: flags)
let object = try checked.allocate()
object.storeBytes(of: 7, as: Int.self)
checked.deallocate(object)
precondition(checked.flags.contains(.poison) && checked.sheafCapacity == 0)

/// CPUs that must not be disturbed get no sheaves of this one, so there is nothing to drain there.
let isolated: ObjectCache.Isolated = .bypass
let packets = ObjectCache(name: "packets", objectSize: 256, isolated: isolated)

/// Allocates before something begins that must not fail half-way.
func transaction(of steps: Int) throws(OutOfMemory) -> [UnsafeMutableRawPointer] {
    var reserve: PrefilledSheaf = try packets.prefill(steps)
    precondition(reserve.count >= steps)
    return (0..<steps).compactMap { _ in reserve.allocate() }
}

let objects = try transaction(of: 40)
precondition(objects.count == 40 && packets.objectsInUse == 40)
for object in objects { packets.deallocate(object) }

for event: CacheEvent in CacheEvent.allCases where packets.count(of: event) > 0 {
    print("\(event): \(packets.count(of: event))")
}
packets.shrink()
precondition(packets.objectsInUse == 0)
