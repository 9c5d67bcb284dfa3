// One caller for each section, so that each leaves exactly one descriptor: what `run` assembles and looks at.
// `section_NAME` calls `qpw_rseq_NAME`; the check fails if the header has a function that is missing here.
#include "CQPW.h"

void *section_acquire(void *base, uint64_t stride, uint32_t count) {
    return qpw_rseq_acquire(base, stride, count);
}

void *section_acquire_unclaimed(void *base, uint64_t stride, uint32_t count) {
    return qpw_rseq_acquire_unclaimed(base, stride, count);
}

int section_acquire_on(void *slot, uint32_t cpu) { return qpw_rseq_acquire_on(slot, cpu); }

int section_acquire_claimed(void *slot, uint32_t cpu) { return qpw_rseq_acquire_claimed(slot, cpu); }

void *section_exchange(void *base, uint64_t stride, uint32_t count) {
    return qpw_rseq_exchange(base, stride, count);
}

bool section_add(void *base, uint64_t stride, uint32_t count, int64_t value) {
    return qpw_rseq_add(base, stride, count, value);
}

bool section_count(void *base, uint64_t stride, uint32_t count, uint64_t offset) {
    return qpw_rseq_count(base, stride, count, offset);
}

void *section_pop(void *base, uint64_t stride, uint32_t count) { return qpw_rseq_pop(base, stride, count); }

bool section_push(void *base, uint64_t stride, uint32_t count, void *element) {
    return qpw_rseq_push(base, stride, count, element);
}

bool section_spin(uint64_t rounds) { return qpw_rseq_spin(rounds); }
