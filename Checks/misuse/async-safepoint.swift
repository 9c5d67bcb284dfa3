// expect: is unavailable from asynchronous contexts
import QPW

func block(_ slots: borrowing PerCPU<Int>) async {
    slots.safepoint()
}
