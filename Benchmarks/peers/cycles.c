// Prints how many of the cycles that `qpw bench` counts are a nanosecond.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "../../Sources/CQPW/include/qpw_clock.h"

enum { WINDOW = 300000000 };

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int main(void) {
    int64_t start = nanoseconds(), end = start;
    uint64_t first = qpw_cycles(), last = first;
    while (end - start < WINDOW) {
        end = nanoseconds();
        last = qpw_cycles();
    }
    printf("%.6f\n", (double)(last - first) / (double)(end - start));
    return 0;
}
