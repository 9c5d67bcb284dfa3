// expect: 'sheaf' consumed more than once
import QPWObjects

func giveTwice(_ cache: ObjectCache, _ take: (consuming PrefilledSheaf) -> Void) throws {
    let sheaf = try cache.prefill(3)
    take(sheaf)
    take(sheaf)
}
