// The work of `qpw bench objects` through malloc and free, so that any allocator can be preloaded under it.
//
//   alloc --name NAME [--rounds N] [--filter TEXT] [--quick] [--soak OBJECTS]
//
// Prints the same document, qpw.bench/1, with NAME in the policy's place. Workloads, sizes, the ring between two CPUs and
// the choice of CPUs are those of Sources/QPWCommand/Bench/Objects: who changes one changes the other.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../Sources/CQPW/include/qpw_clock.h"

enum { SIZE = 64, MILLION = 1000000, CROSSING = 320000, RING = 1024, BURST = 32, LANES = 2, LOOK = 1000 };

static int cpus[LANES];
static int cpu_count;
static uint64_t round_length;

static void die(const char *what) {
    fprintf(stderr, "alloc: %s\n", what);
    exit(1);
}

// MARK: - One object

// The compiler knows malloc and free, and would drop a pair whose object it can follow.
static inline void *opaque(void *object) {
    __asm__ volatile("" : "+r"(object) : : "memory");
    return object;
}

// Allocates, and does what every user of an object does first.
static inline void *make(void) {
    void *object = opaque(malloc(SIZE));
    if (!object) die("no memory for an object");
    *(volatile long *)object = 1;
    return object;
}

static inline void drop(void *object) { free(opaque(object)); }

// MARK: - Threads that begin at the same time

typedef struct {
    _Atomic int missing;
    _Atomic uint64_t time;
} start_line;

static uint64_t await_start(start_line *line) {
    if (atomic_fetch_sub(&line->missing, 1) == 1) atomic_store(&line->time, qpw_cycles());
    uint64_t time;
    while (!(time = atomic_load(&line->time))) sched_yield();
    return time;
}

static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) die("a thread could not be pinned");
}

static pthread_t begin(void *(*body)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, 0, body, argument) != 0) die("no thread");
    return thread;
}

// MARK: - Operations that a crew repeats

static void **batch[LANES];

typedef struct {
    const char *name;
    int weight;
} workload;

static __attribute__((noinline)) uint64_t repeat(const workload *work, int lane, uint64_t deadline) {
    int turns = work->weight > LOOK ? 1 : LOOK / work->weight;
    uint64_t done = 0;
    void **objects = batch[lane];
    do {
        if (work->weight == 1) {
            for (int turn = 0; turn < turns; turn++) drop(make());
        } else {
            for (int turn = 0; turn < turns; turn++) {
                for (int index = 0; index < work->weight; index++) objects[index] = make();
                for (int index = 0; index < work->weight; index++) drop(objects[index]);
            }
        }
        done += (uint64_t)turns * (uint64_t)work->weight;
    } while (qpw_cycles() < deadline);
    return done;
}

typedef struct {
    const workload *work;
    start_line *line;
    int lane;
    uint64_t begun, ended, done;
} member;

static void *member_body(void *argument) {
    member *self = argument;
    pin(cpus[self->lane]);
    self->begun = await_start(self->line);
    self->done = repeat(self->work, self->lane, self->begun + round_length);
    self->ended = qpw_cycles();
    return 0;
}

// CPU cycles for one operation: elapsed cycles times the CPUs in use, over all operations.
static double crew_cost(const workload *work, int threads) {
    start_line line = {threads, 0};
    member members[LANES];
    pthread_t started[LANES];
    for (int lane = 0; lane < threads; lane++) {
        members[lane] = (member){work, &line, lane, 0, 0, 0};
        started[lane] = begin(member_body, &members[lane]);
    }
    uint64_t ended = 0, done = 0;
    for (int lane = 0; lane < threads; lane++) {
        pthread_join(started[lane], 0);
        if (members[lane].ended > ended) ended = members[lane].ended;
        done += members[lane].done;
    }
    return (double)(ended - members[0].begun) * threads / (double)done;
}

// MARK: - Allocations only

static double allocation_cost;

static void *allocations_body(void *unused) {
    (void)unused;
    pin(cpus[0]);
    void **objects = batch[0];
    uint64_t begun = qpw_cycles();
    for (int index = 0; index < MILLION; index++) objects[index] = make();
    allocation_cost = (double)(qpw_cycles() - begun) / MILLION;
    for (int index = 0; index < MILLION; index++) drop(objects[index]);
    return 0;
}

static double allocations_only(void) {
    pthread_join(begin(allocations_body, 0), 0);
    return allocation_cost;
}

// MARK: - One CPU allocates, the other frees

static struct {
    _Alignas(128) _Atomic long sent;
    _Alignas(128) _Atomic long received;
    _Alignas(128) void *objects[RING];
} ring;

typedef struct {
    start_line *line;
    long count;
    uint64_t elapsed;
} crossing;

static void *sender_body(void *argument) {
    crossing *self = argument;
    pin(cpus[0]);
    await_start(self->line);
    long position = 0, seen = 0;
    while (position < self->count) {
        while (position + BURST - seen > RING) {
            qpw_pause();
            seen = atomic_load_explicit(&ring.received, memory_order_acquire);
        }
        for (int index = 0; index < BURST; index++, position++) ring.objects[position % RING] = make();
        atomic_store_explicit(&ring.sent, position, memory_order_release);
    }
    return 0;
}

static void *receiver_body(void *argument) {
    crossing *self = argument;
    pin(cpus[1]);
    uint64_t begun = await_start(self->line);
    long position = 0, seen = 0;
    while (position < self->count) {
        while (seen == position) {
            qpw_pause();
            seen = atomic_load_explicit(&ring.sent, memory_order_acquire);
        }
        for (int index = 0; index < BURST; index++, position++) drop(ring.objects[position % RING]);
        atomic_store_explicit(&ring.received, position, memory_order_release);
    }
    self->elapsed = qpw_cycles() - begun;
    return 0;
}

// Memory of this process that is in use, in KiB.
static long resident(void) {
    long total, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &total, &pages) != 2) pages = 0;
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static _Atomic bool is_over;

static void *peak_body(void *argument) {
    long *highest = argument;
    while (!atomic_load(&is_over)) {
        long now = resident();
        if (now > *highest) *highest = now;
        usleep(2000);
    }
    return 0;
}

static double cross(long count) {
    atomic_store(&ring.sent, 0);
    atomic_store(&ring.received, 0);
    start_line line = {2, 0};
    crossing both = {&line, count, 0};
    pthread_t receiver = begin(receiver_body, &both), sender = begin(sender_body, &both);
    pthread_join(sender, 0);
    pthread_join(receiver, 0);
    return (double)both.elapsed * 2 / (double)count;
}

// MARK: - The document

static const char *name = "malloc", *filter = "";
static int rounds = 9;
static bool is_first = true;

static int ascending(const void *one, const void *other) {
    double difference = *(const double *)one - *(const double *)other;
    return (difference > 0) - (difference < 0);
}

static void print(const char *what, const char *suffix, int threads, const char *unit, double *figures, int count) {
    qsort(figures, (size_t)count, sizeof *figures, ascending);
    printf("%s\n    { \"suite\" : \"objects\", \"name\" : \"%s/%s%s\", \"threads\" : %d, \"unit\" : \"%s\", "
           "\"min\" : %.3f, \"median\" : %.3f, \"max\" : %.3f, \"rounds\" : %d }",
           is_first ? "" : ",", what, name, suffix, threads, unit, figures[0],
           (figures[(count - 1) / 2] + figures[count / 2]) / 2, figures[count - 1], count);
    is_first = false;
}

static const workload workloads[] = {{"pair64", 1}, {"batch100", 100}, {"batch10k", 10000}, {"batch1M", MILLION}};
enum { REPEATED = sizeof workloads / sizeof *workloads, SUBJECTS = REPEATED * LANES + 2 };

typedef struct {
    const char *name;
    int threads;
} subject;

static subject subject_at(int index) {
    if (index < REPEATED * LANES) return (subject){workloads[index % REPEATED].name, index / REPEATED + 1};
    return index == SUBJECTS - 1 ? (subject){"cross", 2} : (subject){"kmalloc1M", 1};
}

static double measure(int index) {
    if (index < REPEATED * LANES) return crew_cost(&workloads[index % REPEATED], index / REPEATED + 1);
    return index == SUBJECTS - 1 ? cross(CROSSING) : allocations_only();
}

static bool is_wanted(int index) {
    subject it = subject_at(index);
    char full[128];
    snprintf(full, sizeof full, "%s/%s", it.name, name);
    // As with `qpw bench`, whose --filter is a part of the name.
    return it.threads <= cpu_count && strstr(full, filter);
}

// Round by round, so that what drifts, drifts for all; the first pays for page faults and is not counted.
static void measure_rounds(void) {
    double figures[SUBJECTS][rounds];
    for (int round = -1; round < rounds; round++)
        for (int index = 0; index < SUBJECTS; index++) {
            if (!is_wanted(index)) continue;
            double figure = measure(index);
            if (round >= 0) figures[index][round] = figure;
        }
    for (int index = 0; index < SUBJECTS; index++)
        if (is_wanted(index))
            print(subject_at(index).name, "", subject_at(index).threads, "cycles", figures[index], rounds);
}

// What memory is in use while so many objects go from one CPU to the other, and afterwards.
static void soak(long objects) {
    long before = resident(), highest = before;
    pthread_t watcher = begin(peak_body, &highest);
    double cost = cross((objects + BURST - 1) / BURST * BURST);
    atomic_store(&is_over, true);
    pthread_join(watcher, 0);
    double peak = (double)(highest - before), final = (double)(resident() - before);
    print("soak/cross", "", 2, "cycles", &cost, 1);
    print("soak/cross", "/peak", 2, "KiB", &peak, 1);
    print("soak/cross", "/final", 2, "KiB", &final, 1);
}

// MARK: - Where, and for how long

// As `qpw bench`: the last CPU that the process may use, and the first other one.
static void choose_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) die("the CPUs are not known");
    int first = -1, last = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &set)) continue;
        if (first < 0) first = cpu;
        last = cpu;
    }
    cpus[0] = last;
    cpus[1] = first;
    cpu_count = first == last ? 1 : LANES;
}

static uint64_t cycles_in(long microseconds) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    uint64_t begun = qpw_cycles();
    usleep(20000);
    uint64_t elapsed = qpw_cycles() - begun;
    clock_gettime(CLOCK_MONOTONIC, &to);
    double nanoseconds = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    return (uint64_t)((double)elapsed / nanoseconds * 1000 * (double)microseconds);
}

int main(int count, char **arguments) {
    long soaked = 0, microseconds = 20000;
    for (int index = 1; index < count; index++) {
        const char *option = arguments[index];
        if (!strcmp(option, "--quick")) {
            microseconds = 5000;
            continue;
        }
        const char *value = index + 1 < count ? arguments[++index] : "";
        if (!strcmp(option, "--name")) name = value;
        else if (!strcmp(option, "--filter")) filter = value;
        else if (!strcmp(option, "--rounds")) rounds = atoi(value);
        else if (!strcmp(option, "--soak")) soaked = atol(value);
        else die("unknown argument");
    }
    if (rounds < 1) die("--rounds must be at least 1");
    choose_cpus();
    round_length = cycles_in(microseconds);
    for (int lane = 0; lane < LANES; lane++) {
        batch[lane] = calloc(MILLION, sizeof(void *));
        if (!batch[lane]) die("no memory for a batch");
    }
    printf("{\n  \"schema\" : \"qpw.bench/1\",\n  \"notes\" : [ ],\n  \"results\" : [");
    measure_rounds();
    if (soaked > 0 && cpu_count > 1) soak(soaked);
    printf("\n  ],\n  \"targets\" : [ ]\n}\n");
    return 0;
}
