// An architecture or a C library without sections: every attempt aborts, and the bootstrap probe finds none.
#pragma once

#include "qpw_base.h"

#define QPW_RSEQ_SECTIONS 0

QPW_INLINE void *_Nullable qpw_rseq_acquire(void *_Nonnull base, uint64_t stride, uint32_t count) {
    return 0;
}
QPW_INLINE void *_Nullable qpw_rseq_acquire_unclaimed(void *_Nonnull base, uint64_t stride, uint32_t count) {
    return 0;
}
static inline int qpw_rseq_acquire_on(void *_Nonnull slot, uint32_t cpu) { return QPW_RSEQ_ABORTED; }
static inline int qpw_rseq_acquire_claimed(void *_Nonnull slot, uint32_t cpu) { return QPW_RSEQ_ABORTED; }
QPW_INLINE void *_Nullable qpw_rseq_exchange(void *_Nonnull base, uint64_t stride, uint32_t count) {
    return 0;
}
QPW_INLINE bool qpw_rseq_add(void *_Nonnull base, uint64_t stride, uint32_t count, int64_t value) {
    return false;
}
QPW_INLINE bool qpw_rseq_count(void *_Nonnull base, uint64_t stride, uint32_t count, uint64_t offset) {
    return false;
}
QPW_INLINE void *_Nullable qpw_rseq_pop(void *_Nonnull base, uint64_t stride, uint32_t count) { return 0; }
QPW_INLINE bool qpw_rseq_push(void *_Nonnull base, uint64_t stride, uint32_t count, void *_Nonnull element) {
    return false;
}
static inline bool qpw_rseq_spin(uint64_t rounds) { return false; }
