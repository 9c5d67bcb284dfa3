// expect: 'borrowed' consumed more than once
import QPWObjects

func lendTwice(_ pool: ObjectPool<Int>, _ take: (consuming Pooled<Int>) -> Void) {
    let borrowed = pool.borrow()
    take(borrowed)
    take(borrowed)
}
