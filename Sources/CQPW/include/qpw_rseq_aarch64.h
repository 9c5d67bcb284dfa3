// Assembled in continuous integration and never run: until someone has tortured these sections on hardware, the
// bootstrap probe reports none on this architecture and every slot uses the atomic lock.
//
// A section's loads of `owner` and `claim` are acquire: they are what orders the body after the previous
// holder's release, and no later instruction of the section would.
#pragma once

#include "qpw_base.h"

#define QPW_RSEQ_SECTIONS 0

#define QPW_AREA ((char *)__builtin_thread_pointer() + __rseq_offset)

// Labels as on x86_64: 1 to 2 the section, 3 its descriptor, 4 its abort handler, 5 its failure, 6 the end.
#define QPW_DESCRIPTOR                                                                                       \
    ".pushsection __rseq_cs, \"aw?\"\n\t"                                                                    \
    ".balign 32\n"                                                                                           \
    "3:\n\t"                                                                                                 \
    ".long 0, 0\n\t"                                                                                         \
    ".quad 1f, 2f - 1f, 4f\n\t"                                                                              \
    ".popsection\n\t"
#define QPW_ENTER                                                                                            \
    "adrp %[scratch], 3b\n\t"                                                                                \
    "add %[scratch], %[scratch], :lo12:3b\n\t"                                                               \
    "str %[scratch], [%[area], #8]\n"                                                                        \
    "1:\n\t"
#define QPW_COMMITTED "2:\n\t"
#define QPW_ABORT(HANDLER)                                                                                   \
    "b 6f\n\t"                                                                                               \
    ".inst 0xd428bc00\n"                                                                                     \
    "4:\n\t" HANDLER "\n"                                                                                    \
    "6:\n\t"

#define QPW_FIND_SLOT                                                                                        \
    "ldr %w[slot], [%[area], #4]\n\t"                                                                        \
    "cmp %w[slot], %w[count]\n\t"                                                                            \
    "b.hs 5f\n\t"                                                                                            \
    "madd %[slot], %[slot], %[stride], %[base]\n\t"
#define QPW_CHECK_CLAIM                                                                                      \
    "add %[scratch], %[slot], #4\n\t"                                                                        \
    "ldar %w[scratch], [%[scratch]]\n\t"                                                                     \
    "cbnz %w[scratch], 5f\n\t"
#define QPW_CHECK_OWNER                                                                                      \
    "ldar %w[scratch], [%[slot]]\n\t"                                                                        \
    "cbnz %w[scratch], 5f\n\t"
#define QPW_CHECK_CPU                                                                                        \
    "ldr %w[scratch], [%[area], #4]\n\t"                                                                     \
    "cmp %w[scratch], %w[cpu]\n\t"                                                                           \
    "b.ne 4f\n\t"

#define QPW_ACQUIRE(NAME, CHECKS)                                                                            \
    QPW_INLINE void *_Nullable NAME(void *_Nonnull base, uint64_t stride, uint32_t count) {                  \
        void *slot;                                                                                          \
        uint64_t scratch;                                                                                    \
        __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT CHECKS                                       \
                         "str %w[held], [%[slot]]\n" QPW_COMMITTED QPW_ABORT("5: mov %[slot], #0")           \
                         : [slot] "=&r"(slot), [scratch] "=&r"(scratch)                                      \
                         : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base), \
                           [held] "r"(1)                                                                     \
                         : "memory", "cc");                                                                  \
        return slot;                                                                                         \
    }

QPW_ACQUIRE(qpw_rseq_acquire, QPW_CHECK_CLAIM QPW_CHECK_OWNER)
QPW_ACQUIRE(qpw_rseq_acquire_unclaimed, QPW_CHECK_OWNER)

static inline int qpw_rseq_acquire_on(void *_Nonnull slot, uint32_t cpu) {
    int result = QPW_RSEQ_DONE;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_CHECK_CPU QPW_CHECK_CLAIM QPW_CHECK_OWNER
                     "str %w[held], [%[slot]]\n" QPW_COMMITTED
                     QPW_ABORT("mov %w[result], #2\n\tb 6f\n5: mov %w[result], #1")
                     : [result] "+&r"(result), [scratch] "=&r"(scratch)
                     : [area] "r"(QPW_AREA), [cpu] "r"(cpu), [slot] "r"(slot), [held] "r"(1)
                     : "memory", "cc");
    return result;
}

// An exclusive store that loses its reservation reports an abort: the caller tries again.
static inline int qpw_rseq_acquire_claimed(void *_Nonnull slot, uint32_t cpu) {
    int result = QPW_RSEQ_DONE;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_CHECK_CPU
                     "ldaxr %w[scratch], [%[slot]]\n\t"
                     "cbnz %w[scratch], 5f\n\t"
                     "stlxr %w[scratch], %w[held], [%[slot]]\n" QPW_COMMITTED "cbz %w[scratch], 6f\n\t"
                     "mov %w[result], #2\n\t" QPW_ABORT("mov %w[result], #2\n\tb 6f\n5: mov %w[result], #1")
                     : [result] "+&r"(result), [scratch] "=&r"(scratch)
                     : [area] "r"(QPW_AREA), [cpu] "r"(cpu), [slot] "r"(slot), [held] "r"(1)
                     : "memory", "cc");
    return result;
}

QPW_INLINE void *_Nullable qpw_rseq_exchange(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "ldaxr %w[scratch], [%[slot]]\n\t"
                     "cbnz %w[scratch], 5f\n\t"
                     "stlxr %w[scratch], %w[held], [%[slot]]\n" QPW_COMMITTED "cbz %w[scratch], 6f\n\t"
                     "mov %[slot], #0\n\t" QPW_ABORT("5: mov %[slot], #0")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base),
                       [held] "r"(1)
                     : "memory", "cc");
    return slot;
}

QPW_INLINE bool qpw_rseq_add(void *_Nonnull base, uint64_t stride, uint32_t count, int64_t value) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "ldr %[scratch], [%[slot]]\n\t"
                     "add %[scratch], %[scratch], %[value]\n\t"
                     "str %[scratch], [%[slot]]\n" QPW_COMMITTED QPW_ABORT("5: mov %[slot], #0")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base),
                       [value] "r"(value)
                     : "memory", "cc");
    return slot != 0;
}

// The mode is loaded with acquire and the sum stored with release: what a section reads is no older than the mode
// that let it in, and whoever sees the sum sees what the section did.
QPW_INLINE bool qpw_rseq_count(void *_Nonnull base, uint64_t stride, uint32_t count, uint64_t offset) {
    void *slot;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_SLOT
                     "add %[scratch], %[slot], #32\n\t"
                     "ldar %w[scratch], [%[scratch]]\n\t"
                     "cmp %w[scratch], #1\n\t"
                     "b.ne 5f\n\t"
                     "add %[slot], %[slot], %[offset]\n\t"
                     "ldr %[scratch], [%[slot]]\n\t"
                     "add %[scratch], %[scratch], #1\n\t"
                     "stlr %[scratch], [%[slot]]\n" QPW_COMMITTED QPW_ABORT("5: mov %[slot], #0")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch)
                     : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base),
                       [offset] "r"(offset)
                     : "memory", "cc");
    return slot != 0;
}

#define QPW_FIND_STACK                                                                                       \
    QPW_FIND_SLOT                                                                                            \
    QPW_CHECK_CLAIM                                                                                          \
    "ldr %w[scratch], [%[slot], #8]\n\t"                                                                     \
    "cbnz %w[scratch], 5f\n\t" QPW_CHECK_OWNER                                                               \
    "ldr %[slot], [%[slot], #64]\n\t"                                                                        \
    "ldr %[size], [%[slot]]\n\t"

QPW_INLINE void *_Nullable qpw_rseq_pop(void *_Nonnull base, uint64_t stride, uint32_t count) {
    void *slot;
    void *top;
    uint64_t scratch, size;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_STACK
                     "cbz %[size], 5f\n\t"
                     "sub %[size], %[size], #1\n\t"
                     "add %[top], %[slot], %[size], lsl #3\n\t"
                     "ldr %[top], [%[top], #16]\n\t"
                     "str %[size], [%[slot]]\n" QPW_COMMITTED QPW_ABORT("5: mov %[top], #0")
                     : [slot] "=&r"(slot), [top] "=&r"(top), [scratch] "=&r"(scratch), [size] "=&r"(size)
                     : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base)
                     : "memory", "cc");
    return top;
}

QPW_INLINE bool qpw_rseq_push(void *_Nonnull base, uint64_t stride, uint32_t count, void *_Nonnull element) {
    void *slot;
    uint64_t scratch, size;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER QPW_FIND_STACK
                     "ldr %[scratch], [%[slot], #8]\n\t"
                     "cmp %[size], %[scratch]\n\t"
                     "b.hs 5f\n\t"
                     "add %[scratch], %[slot], %[size], lsl #3\n\t"
                     "str %[element], [%[scratch], #16]\n\t"
                     "add %[size], %[size], #1\n\t"
                     "str %[size], [%[slot]]\n" QPW_COMMITTED QPW_ABORT("5: mov %[slot], #0")
                     : [slot] "=&r"(slot), [scratch] "=&r"(scratch), [size] "=&r"(size)
                     : [area] "r"(QPW_AREA), [count] "r"(count), [stride] "r"(stride), [base] "r"(base),
                       [element] "r"(element)
                     : "memory", "cc");
    return slot != 0;
}

static inline bool qpw_rseq_spin(uint64_t rounds) {
    uint32_t aborted = 0;
    uint64_t scratch;
    __asm__ volatile(QPW_DESCRIPTOR QPW_ENTER
                     "7: subs %[rounds], %[rounds], #1\n\t"
                     "b.ne 7b\n" QPW_COMMITTED QPW_ABORT("mov %w[aborted], #1")
                     : [aborted] "+&r"(aborted), [scratch] "=&r"(scratch), [rounds] "+&r"(rounds)
                     : [area] "r"(QPW_AREA)
                     : "memory", "cc");
    return aborted != 0;
}

#undef QPW_AREA
#undef QPW_DESCRIPTOR
#undef QPW_ENTER
#undef QPW_COMMITTED
#undef QPW_ABORT
#undef QPW_FIND_SLOT
#undef QPW_FIND_STACK
#undef QPW_CHECK_CLAIM
#undef QPW_CHECK_OWNER
#undef QPW_CHECK_CPU
#undef QPW_ACQUIRE
