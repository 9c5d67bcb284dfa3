// The twin of copy-noncopyable-value: used in place, and exchanged for another.
import QPW

struct Token: ~Copyable { var id = 0 }

func use(_ slots: borrowing PerCPU<Token>) {
    slots.withLocal { token, _ in token.id += 1 }
}

func exchange(_ slots: borrowing PerCPU<Token>) -> Token {
    slots.withLocal { token, _ in
        var other = Token(id: 1)
        swap(&token, &other)
        return other
    }
}
