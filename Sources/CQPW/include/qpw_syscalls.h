// System calls that Swift cannot reach: variadic syscall(2), and functions that glibc hides behind _GNU_SOURCE.
// Each returns the kernel's result, or the error number negated; errno is not part of the contract.
#pragma once

#include "qpw_base.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

extern int sched_getcpu(void);
extern long syscall(long number, ...);

QPW_INLINE long qpw_result(long value) { return value < 0 ? -(long)errno : value; }

QPW_INLINE int qpw_current_cpu(void) { return sched_getcpu(); }

QPW_INLINE int32_t qpw_gettid(void) { return (int32_t)syscall(SYS_gettid); }

// At most 15 bytes are kept.
QPW_INLINE void qpw_name_thread(const char *_Nonnull name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// MARK: Affinity, as 64-bit words

static inline int qpw_affinity_get_of(int thread, uint64_t *_Nonnull words, size_t count) {
    long bytes = qpw_result(syscall(SYS_sched_getaffinity, thread, count * 8, words));
    return bytes < 0 ? (int)bytes : (int)(bytes / 8);
}

// Of the calling thread.
QPW_INLINE int qpw_affinity_get(uint64_t *_Nonnull words, size_t count) {
    return qpw_affinity_get_of(0, words, count);
}

// Of the process's first thread.
QPW_INLINE int qpw_affinity_get_of_process(uint64_t *_Nonnull words, size_t count) {
    return qpw_affinity_get_of(getpid(), words, count);
}

QPW_INLINE int qpw_affinity_set(const uint64_t *_Nonnull words, size_t count) {
    return (int)qpw_result(syscall(SYS_sched_setaffinity, 0, count * 8, words));
}

// MARK: Futexes, private to the process

// `nanoseconds` < 0: no time-out.
QPW_INLINE int qpw_futex_wait(const void *_Nonnull word, uint32_t expected, int64_t nanoseconds) {
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return (int)qpw_result(syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected,
                                   nanoseconds < 0 ? (void *)0 : &limit, (void *)0, 0));
}

QPW_INLINE int qpw_futex_wake(const void *_Nonnull word, int32_t count) {
    return (int)qpw_result(syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, (void *)0, (void *)0, 0));
}

// `deadline` is CLOCK_MONOTONIC nanoseconds, < 0 for none; one needs Linux 5.14, and is -ENOSYS before it.
QPW_INLINE int qpw_futex_lock_pi(void *_Nonnull word, int64_t deadline) {
    struct timespec limit = {deadline / 1000000000, deadline % 1000000000};
    return (int)qpw_result(syscall(SYS_futex, word,
                                   deadline < 0 ? FUTEX_LOCK_PI_PRIVATE : FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG,
                                   0, deadline < 0 ? (void *)0 : &limit, (void *)0, 0));
}

QPW_INLINE int qpw_futex_unlock_pi(void *_Nonnull word) {
    return (int)qpw_result(syscall(SYS_futex, word, FUTEX_UNLOCK_PI_PRIVATE, 0, (void *)0, (void *)0, 0));
}

// MARK: membarrier

#ifndef MEMBARRIER_CMD_FLAG_CPU
#define MEMBARRIER_CMD_FLAG_CPU 1
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ (1 << 7)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ (1 << 8)
#endif

// The commands that the kernel knows, as a mask.
QPW_INLINE int qpw_membarrier_query(void) {
    return (int)qpw_result(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
}

QPW_INLINE int qpw_membarrier_register(void) {
    return (int)qpw_result(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
}

// Restarts the section, if any, that a thread of this process is in on `cpu`, and orders memory there.
// Returns 0 without doing anything for a CPU that is offline or does not exist.
QPW_INLINE int qpw_membarrier_cpu(int cpu) {
    return (int)qpw_result(
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, cpu));
}

// The same on every CPU that runs a thread of this process.
QPW_INLINE int qpw_membarrier_all(void) {
    return (int)qpw_result(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0));
}

// MARK: Only for the command

// Moves the page at `page` to a NUMA node, where it may be already; 0 if the kernel has looked at it.
QPW_INLINE int qpw_move_page(void *_Nonnull page, int node) {
    void *pages[] = {page};
    int status;
    return (int)qpw_result(syscall(SYS_move_pages, 0, 1L, pages, &node, &status, 2 /* MPOL_MF_MOVE */));
}
