// expect: missing reinitialization of inout parameter 'token' after consume
import QPW

struct Token: ~Copyable { var id = 0 }

func use(_ slots: borrowing PerCPU<Token>) -> Token {
    slots.withLocal { token, _ in token }
}
