// The cycle counter: for hold times and benchmarks. Constant rate, not ordered with surrounding loads.
#pragma once

#include "qpw_base.h"

QPW_INLINE uint64_t qpw_cycles(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    return 0;
#endif
}

// Tells the core that this is a spin loop.
QPW_INLINE void qpw_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}
