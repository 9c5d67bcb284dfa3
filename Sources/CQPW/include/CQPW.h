// What Swift cannot say itself: restartable sequences, system calls behind variadic or GNU-only functions,
// the cycle counter, and thread-local storage. Everything is static inline; there is no object code to link.
#pragma once

#include "qpw_base.h"
#include "qpw_clock.h"
#include "qpw_measure.h"
#include "qpw_sanitizer.h"
#include "qpw_thread.h"

#if QPW_LINUX
#include "qpw_syscalls.h"
#include "qpw_rseq.h"
#endif
