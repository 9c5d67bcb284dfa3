#pragma once

#include "qpw_base.h"

#define QPW_RSEQ_SECTIONS 1

// A section is everything between labels 1 and 2; label 3 is its descriptor, 4 its abort handler, 5 its failure.
// The kernel demands the signature in the four bytes before the abort handler; the opcode in front makes it one
// undefined instruction, which a disassembler can read past.
#define QPW_DESCRIPTOR                                                                                       \
    ".pushsection __rseq_cs, \"aw?\"\n\t"                                                                    \
    ".balign 32\n"                                                                                           \
    "3:\n\t"                                                                                                 \
    ".long 0, 0\n\t"                                                                                         \
    ".quad 1f, 2f - 1f, 4f\n\t"                                                                              \
    ".popsection\n\t"
#define QPW_ENTER                                                                                            \
    "leaq 3b(%%rip), %[scratch]\n\t"                                                                         \
    "movq %[scratch], %%fs:8(%[area])\n"                                                                     \
    "1:\n\t"
#define QPW_COMMITTED "2:\n\t"
#define QPW_ABORT(HANDLER) QPW_ABORT_HANDLER(HANDLER "\n\tjmp 2b")
#define QPW_ABORT_HANDLER(HANDLER)                                                                           \
    ".pushsection .text.unlikely, \"ax?\"\n\t"                                                               \
    ".byte 0x0f, 0xb9, 0x3d\n\t"                                                                             \
    ".long 0x53053053\n"                                                                                     \
    "4:\n\t" HANDLER "\n\t"                                                                                  \
    ".popsection\n\t"

// The same for a section whose failure is a label of the function: nobody has to test which it was, and only the kernel
// goes by way of the handler. (A far jump for each failure would cost an atomic lock, which always fails here, its target.)
#define QPW_ABORT_TO(LABEL) QPW_ABORT_HANDLER("jmp " LABEL)

// slot = base + stride * cpu, or failure where this CPU has no slot.
#define QPW_FIND_SLOT QPW_FIND_SLOT_OR("5f")
#define QPW_FIND_SLOT_OR(FAILURE)                                                                            \
    "movl %%fs:4(%[area]), %k[slot]\n\t"                                                                     \
    "cmpl %[count], %k[slot]\n\t"                                                                            \
    "jae " FAILURE "\n\t"                                                                                    \
    "imulq %[stride], %[slot]\n\t"                                                                           \
    "addq %[base], %[slot]\n\t"

// Takes the slot of the CPU that this runs on, if it is neither held nor claimed. Null: it was not taken.
QPW_INLINE void *_Nullable qpw_rseq_acquire(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "cmpl $0, 4(%[slot])\n\t"
                     "jne 5f\n\t"
                     "cmpl $0, (%[slot])\n\t"
                     "jne 5f\n\t"
                     "movl $1, (%[slot])\n" QPW_COMMITTED QPW_ABORT("5: xorl %k[slot], %k[slot]")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                       [base] "r"(base)
                     : "memory", "cc");
    return slot;
}

// The same for a build in which nobody claims: the owner word alone decides.
QPW_INLINE void *_Nullable qpw_rseq_acquire_unclaimed(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "cmpl $0, (%[slot])\n\t"
                     "jne 5f\n\t"
                     "movl $1, (%[slot])\n" QPW_COMMITTED QPW_ABORT("5: xorl %k[slot], %k[slot]")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                       [base] "r"(base)
                     : "memory", "cc");
    return slot;
}

// Takes `slot` if this runs on `cpu` and the slot is neither held nor claimed; tells why not.
static inline int qpw_rseq_acquire_on(void *_Nonnull slot, uint32_t cpu) {
    int result = QPW_RSEQ_DONE;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER
                     "cmpl %[cpu], %%fs:4(%[area])\n\t"
                     "jne 4f\n\t"
                     "cmpl $0, 4(%[slot])\n\t"
                     "jne 5f\n\t"
                     "cmpl $0, (%[slot])\n\t"
                     "jne 5f\n\t"
                     "movl $1, (%[slot])\n" QPW_COMMITTED
                     QPW_ABORT("movl $2, %[result]\n\tjmp 2b\n5: movl $1, %[result]")
                     : [result] "+&r"(result), [scratch] "=&r"(scratch)
                     : [area] "r"((uint64_t)__rseq_offset), [cpu] "r"(cpu), [slot] "r"(slot)
                     : "memory", "cc");
    return result;
}

// Takes `slot` whether claimed or not, with a compare-and-exchange that is the commit of a section on `cpu`: it
// excludes other claimers by being atomic, and sections on this CPU by being one.
static inline int qpw_rseq_acquire_claimed(void *_Nonnull slot, uint32_t cpu) {
    int result = QPW_RSEQ_DONE;
    uint64_t scratch;
    uint32_t expected = 0;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER
                     "cmpl %[cpu], %%fs:4(%[area])\n\t"
                     "jne 4f\n\t"
                     "lock cmpxchgl %[held], (%[slot])\n" QPW_COMMITTED
                     // Reached by falling through with the flags of the exchange, or by a jump that set result.
                     "je 6f\n\t"
                     "testl %[result], %[result]\n\t"
                     "jne 6f\n\t"
                     "movl $1, %[result]\n"
                     "6:\n\t" QPW_ABORT("movl $2, %[result]\n\ttestl %[result], %[result]")
                     : [result] "+&r"(result), [scratch] "=&r"(scratch), [expected] "+&a"(expected)
                     : [area] "r"((uint64_t)__rseq_offset), [cpu] "r"(cpu), [slot] "r"(slot), [held] "r"(1)
                     : "memory", "cc");
    return result;
}

// Takes the slot of this CPU whether claimed or not, as qpw_rseq_acquire_claimed. Null: it was not taken.
QPW_INLINE void *_Nullable qpw_rseq_exchange(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    uint64_t scratch;
    uint32_t expected = 0;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "lock cmpxchgl %[held], (%[slot])\n" QPW_COMMITTED
                     "je 6f\n\t"
                     "xorl %k[slot], %k[slot]\n"
                     "6:\n\t" QPW_ABORT("5: testl %[held], %[held]")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch), [expected] "+&a"(expected)
                     : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                       [base] "r"(base), [held] "r"(1)
                     : "memory", "cc");
    return slot;
}

// Adds to the 64-bit word at base + stride * this CPU. False: it was not added.
QPW_INLINE bool qpw_rseq_add(void *_Nonnull base, uint64_t stride, uint32_t count, int64_t value) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "addq %[value], (%[slot])\n" QPW_COMMITTED QPW_ABORT("5: xorl %k[slot], %k[slot]")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                       [base] "r"(base), [value] "er"(value)
                     : "memory", "cc");
    return slot != 0;
}

// Adds 1 to the 64-bit word at base + stride * this CPU + offset, if the 32-bit word at 32 there is 1: what an RCU
// read section does. False: it was not added. Earlier accesses are visible to whoever sees the sum.
QPW_INLINE bool qpw_rseq_count(void *_Nonnull base, uint64_t stride, uint32_t count, uint64_t offset) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "cmpl $1, 32(%[slot])\n\t"
                     "jne 5f\n\t"
                     "addq $1, (%[slot], %[offset])\n" QPW_COMMITTED QPW_ABORT("5: xorl %k[slot], %k[slot]")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                       [base] "r"(base), [offset] "r"(offset)
                     : "memory", "cc");
    return slot != 0;
}

// The slot's value begins with the address of a stack: its size, its capacity, then its elements. One store of the
// new size takes or adds one, so a section does it without ever taking the slot: it only checks that nobody has it, that
// nobody claims it, and that nothing is pending there (the last two as one word, which no owner stores to).
#define QPW_FIND_STACK_OR(FAILURE)                                                                           \
    QPW_FIND_SLOT_OR(FAILURE)                                                                                \
    "cmpl $0, (%[slot])\n\t"                                                                                 \
    "jne " FAILURE "\n\t"                                                                                    \
    "cmpq $0, 4(%[slot])\n\t"                                                                                \
    "jne " FAILURE "\n\t"                                                                                    \
    "movq 64(%[slot]), %[slot]\n\t"                                                                          \
    "movq (%[slot]), %[size]\n\t"

// Takes the top of this CPU's stack. Null: it was empty, or not to be had.
QPW_INLINE void *_Nullable qpw_rseq_pop(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    void *top;
    uint64_t scratch, size;
    __asm__ goto(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_STACK_OR("%l[failed]")
                 "subq $1, %[size]\n\t"
                 "jb %l[failed]\n\t"
                 "movq 16(%[slot], %[size], 8), %[top]\n\t"
                 "movq %[size], (%[slot])\n" QPW_COMMITTED QPW_ABORT_TO("%l[failed]")
                 : [slot] "=&r"(slot), [top] "=&r"(top), [scratch] "=&r"(scratch), [size] "=&r"(size)
                 : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                   [base] "r"(base)
                 : "memory", "cc"
                 : failed);
    // Nobody pushes null.
    if (!top) __builtin_unreachable();
    return top;
failed:
    return 0;
}

// Adds to the top of this CPU's stack. False: it was full, or not to be had.
QPW_INLINE bool qpw_rseq_push(void *_Nonnull base, uint64_t stride, uint32_t count, void *_Nonnull element) {
    void *slot;
    uint64_t scratch, size;
    __asm__ goto(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_STACK_OR("%l[failed]")
                 "cmpq 8(%[slot]), %[size]\n\t"
                 "jae %l[failed]\n\t"
                 "movq %[element], 16(%[slot], %[size], 8)\n\t"
                 "addq $1, %[size]\n\t"
                 "movq %[size], (%[slot])\n" QPW_COMMITTED QPW_ABORT_TO("%l[failed]")
                 : [slot] "=&r"(slot), [scratch] "=&r"(scratch), [size] "=&r"(size)
                 : [area] "r"((uint64_t)__rseq_offset), [count] "r"(count), [stride] "er"(stride),
                   [base] "r"(base), [element] "r"(element)
                 : "memory", "cc"
                 : failed);
    return true;
failed:
    return false;
}

// A section that does nothing but run for `rounds`: true if the kernel restarted it. The bootstrap self-test.
static inline bool qpw_rseq_spin(uint64_t rounds) {
    uint32_t aborted = 0;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER
                     "6: pause\n\t"
                     "decq %[rounds]\n\t"
                     "jnz 6b\n" QPW_COMMITTED QPW_ABORT("movl $1, %[aborted]")
                     : [aborted] "+&r"(aborted), [scratch] "=&r"(scratch), [rounds] "+&r"(rounds)
                     : [area] "r"((uint64_t)__rseq_offset)
                     : "memory", "cc");
    return aborted != 0;
}

#undef QPW_DESCRIPTOR
#undef QPW_ENTER
#undef QPW_COMMITTED
#undef QPW_ABORT
#undef QPW_ABORT_TO
#undef QPW_ABORT_HANDLER
#undef QPW_FIND_SLOT
#undef QPW_FIND_SLOT_OR
#undef QPW_FIND_STACK_OR
