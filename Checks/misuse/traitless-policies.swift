// expect: has no member 'lock'
// expect: has no member 'fence'
// expect: has no member 'deferred'
// expect: has no member 'rtQueue'
// expect: has no member 'rtLock'
// expect: has no member 'automatic'
// traits: none
import QPW

let lock = QPWPolicy.lock
let fence = QPWPolicy.fence
let deferred = QPWPolicy.deferred(escalateAfter: Duration.zero)
let rtQueue = QPWPolicy.rtQueue
let rtLock = QPWPolicy.rtLock
let automatic = QPWPolicy.automatic
