// The address sanitizer's own interface, where the process has it: memory that a cache holds free is marked unusable, so
// that a use after free is caught where it happens.
#pragma once

#include "qpw_base.h"

extern void __asan_poison_memory_region(void const volatile *_Nonnull address, size_t size) __attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *_Nonnull address, size_t size) __attribute__((weak));

QPW_INLINE bool qpw_address_sanitizer(void) {
#if defined(__linux__)
    return &__asan_poison_memory_region != 0;
#else
    return false;
#endif
}

QPW_INLINE void qpw_sanitizer_poison(void *_Nonnull address, size_t size) {
    if (qpw_address_sanitizer()) __asan_poison_memory_region(address, size);
}

QPW_INLINE void qpw_sanitizer_unpoison(void *_Nonnull address, size_t size) {
    if (qpw_address_sanitizer()) __asan_unpoison_memory_region(address, size);
}
