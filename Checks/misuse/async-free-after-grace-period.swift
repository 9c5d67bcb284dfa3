// expect: is unavailable from asynchronous contexts
import QPWObjects

func free(_ cache: ObjectCache, _ object: UnsafeMutableRawPointer) async {
    cache.deallocate(afterGracePeriod: object)
}
