// What only the command needs: a barrier for the optimiser, and what the system says of itself.
#pragma once

#include "qpw_base.h"

// Declared here: their headers would bring in struct timespec, and Swift would then say that it is this module's.
#if defined(__linux__)
extern unsigned long getauxval(unsigned long type);
#endif
#if defined(__GLIBC__)
extern const char *_Nonnull gnu_get_libc_version(void);
#endif

// The optimiser must assume that memory was read and written here: a thousand increments stay a thousand.
QPW_INLINE void qpw_optimiser_barrier(void) { __asm__ volatile("" ::: "memory"); }

// Bytes of the rseq area that the kernel has a meaning for (AT_RSEQ_FEATURE_SIZE, Linux 6.3); 0 where it does not say.
QPW_INLINE uint64_t qpw_rseq_feature_size(void) {
#if defined(__linux__)
    return getauxval(27);
#else
    return 0;
#endif
}

// The running C library's version, or null where it is not glibc.
QPW_INLINE const char *_Nullable qpw_glibc_version(void) {
#if defined(__GLIBC__)
    return gnu_get_libc_version();
#else
    return (const char *)0;
#endif
}
