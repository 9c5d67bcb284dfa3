// The twin of traitless-*: with the trait, every policy has its name.
import QPW

let policies: [QPWPolicy] = [
    .queue, .lock, .fence, .deferred(escalateAfter: .milliseconds(1)), .rtQueue, .rtLock, .automatic,
]
