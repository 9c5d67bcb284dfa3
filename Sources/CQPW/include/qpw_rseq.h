// Restartable sequences on the area that glibc (2.35 or later) registers for each thread.
//
// A section is a few instructions that end in one store, the commit. If the thread is preempted, migrated or
// signalled inside it, or a membarrier(PRIVATE_EXPEDITED_RSEQ) reaches its CPU, the kernel moves it to the abort
// handler, and the commit did not happen. So a section that checks "this CPU's slot is free" and commits "it is
// mine" needs no atomic instruction: no other thread can have run on this CPU in between.
//
// The contract of every section here:
//  - Only `rseq_cs` of the area is written, never an id field: the kernel owns those.
//  - `cpu_id` is read inside the section and compared unsigned with a bound, so that a thread without a
//    registration (negative id) and a CPU without a slot both fail without touching memory.
//  - A section is attempted once. The caller counts attempts; under a debugger that single-steps each one aborts.
//  - The descriptor's address may remain in `rseq_cs` after the section: the code must never be unloaded.
//  - The descriptor sits in the section group of the code that refers to it ("?"), so that a linker that drops
//    a duplicate of an inlined function drops its descriptor, too.
//
// Offsets in a slot are those of Sources/QPW/Lock/Slot.swift: owner 0, claim 4, pending 8. The line of a CPU's RCU
// readers has its mode at 32: Sources/QPW/RCU/ReadCounters.swift.
#pragma once

#include "qpw_base.h"

#if defined(__has_include)
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif
#endif

enum {
    QPW_RSEQ_DONE = 0,     // committed
    QPW_RSEQ_BUSY = 1,     // the slot is held or claimed
    QPW_RSEQ_ABORTED = 2,  // restarted by the kernel, or not on the CPU that was asked for
};

#if defined(RSEQ_SIG) && defined(__x86_64__)
#include "qpw_rseq_x86_64.h"
#elif defined(RSEQ_SIG) && defined(__aarch64__)
#include "qpw_rseq_aarch64.h"
#else
#include "qpw_rseq_none.h"
#endif

// Whether sections may be used: they exist for this architecture and have been tortured on it.
QPW_INLINE bool qpw_rseq_has_sections(void) { return QPW_RSEQ_SECTIONS; }

#if defined(RSEQ_SIG)
// The calling thread's CPU as the kernel last told its rseq area; negative without a registration.
QPW_INLINE int32_t qpw_rseq_cpu(void) {
    const char *thread = (const char *)__builtin_thread_pointer();
    return *(const volatile int32_t *)(thread + __rseq_offset + 4);
}

QPW_INLINE bool qpw_rseq_registered(void) { return __rseq_size != 0 && qpw_rseq_cpu() >= 0; }

// Bytes of the area that the kernel and the C library agreed on; 0 where registration is off.
QPW_INLINE uint32_t qpw_rseq_area_size(void) { return __rseq_size; }
#else
QPW_INLINE int32_t qpw_rseq_cpu(void) { return -1; }
QPW_INLINE bool qpw_rseq_registered(void) { return false; }
QPW_INLINE uint32_t qpw_rseq_area_size(void) { return 0; }
#endif
