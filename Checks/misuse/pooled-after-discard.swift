// expect: 'borrowed' used after consume
import QPWObjects

func use(_ pool: ObjectPool<Int>) {
    var borrowed = pool.borrow()
    borrowed.discard()
    borrowed.object += 1
}
