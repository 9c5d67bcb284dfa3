#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__linux__) && !defined(QPW_PORTABLE)
#define QPW_LINUX 1
#else
#define QPW_LINUX 0
#endif

#define QPW_INLINE __attribute__((always_inline)) static inline
