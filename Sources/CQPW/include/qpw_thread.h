// Thread-local words. Each object file that inlines one of these has its own copy, so each has one caller in module
// QPW, which is never inlined.
#pragma once

#include "qpw_base.h"

#define QPW_HELD_MAX 16

struct qpw_held_entry {
    uint32_t structure;
    int32_t cpu;
};

// The slots that a thread holds, innermost last: what lock checking looks at.
struct qpw_held {
    uint32_t depth;
    struct qpw_held_entry entries[QPW_HELD_MAX];
};

static inline struct qpw_held *_Nonnull qpw_held_by_this_thread(void) {
    static _Thread_local struct qpw_held held;
    return &held;
}

// Swift imports an array in a struct as a tuple, and to index that it would allocate: not for signal handlers.
QPW_INLINE struct qpw_held_entry *_Nonnull qpw_held_entries(struct qpw_held *_Nonnull held) {
    return held->entries;
}

// Zero until the thread has asked the kernel; set to zero again in a forked child.
static inline int32_t *_Nonnull qpw_thread_id_cache(void) {
    static _Thread_local int32_t id;
    return &id;
}

// True in a build with the thread sanitizer, whose run-time library defines the symbol.
extern void __tsan_init(void) __attribute__((weak));
QPW_INLINE bool qpw_thread_sanitizer(void) {
#if defined(__linux__)
    return &__tsan_init != 0;
#else
    return false;
#endif
}

#define QPW_SECTIONS_MAX 32

// What a thread has to do with RCU domains: the read sections that it is in, which only debug builds note, and
// whether it runs callbacks, or is handing a domain's work to a thread.
struct qpw_rcu {
    uint32_t depth;
    uint32_t callbacks;
    uint32_t handing;
    const void *_Nullable sections[QPW_SECTIONS_MAX];
};

static inline struct qpw_rcu *_Nonnull qpw_rcu_of_this_thread(void) {
    static _Thread_local struct qpw_rcu rcu;
    return &rcu;
}

static inline void qpw_rcu_note_enter(struct qpw_rcu *_Nonnull rcu, const void *_Nonnull domain) {
    if (rcu->depth < QPW_SECTIONS_MAX) rcu->sections[rcu->depth] = domain;
    rcu->depth++;
}

// Sections that were entered beyond the maximum are taken to be the first to end. False: there is no such section.
static inline bool qpw_rcu_note_leave(struct qpw_rcu *_Nonnull rcu, const void *_Nonnull domain) {
    if (rcu->depth > QPW_SECTIONS_MAX) return rcu->depth--, true;
    for (uint32_t index = rcu->depth; index-- > 0;) {
        if (rcu->sections[index] != domain) continue;
        rcu->depth--;
        for (; index < rcu->depth; index++) rcu->sections[index] = rcu->sections[index + 1];
        return true;
    }
    return false;
}

static inline bool qpw_rcu_is_reading(const struct qpw_rcu *_Nonnull rcu, const void *_Nonnull domain) {
    for (uint32_t index = 0; index < rcu->depth && index < QPW_SECTIONS_MAX; index++)
        if (rcu->sections[index] == domain) return true;
    return false;
}

// One more than the CPU whose worker the calling thread is; zero on other threads.
static inline int32_t *_Nonnull qpw_worker_cpu_plus_one(void) {
    static _Thread_local int32_t cpu;
    return &cpu;
}
