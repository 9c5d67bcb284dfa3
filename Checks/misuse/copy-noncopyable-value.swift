// expect: 'token' used after consume
import QPW

struct Token: ~Copyable { var id = 0 }

func copy(_ slots: borrowing PerCPU<Token>) {
    slots.withLocal { token, _ in
        let other = token
        _ = other.id + token.id
    }
}
