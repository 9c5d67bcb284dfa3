/* Grace periods: Sources/QPW/RCU/GracePeriods.swift, ReadCounters.swift.
 *
 * Two readers count where they are: in restartable sections, whose add is a plain store, or by atomic adds. One stays on
 * CPU 1; the other moves between the CPUs, and reads twice where modes do not change. Writers unpublish something and wait for a grace period, which
 * whoever waits moves on.
 *
 * Properties, when a writer has waited: (1) no reader that began before the wait is still inside; (2) no reader inside has
 * seen what was unpublished.
 *
 * Memory is TSO, with a buffer of two stores for each CPU: a switch, a membarrier and an atomic instruction empty it. The
 * readers' plain adds are what is buffered; everything else is stored by atomic instructions or behind a fence.
 *
 * Verified:  (none)             one writer, who waits twice: the index may flip and flip again
 *            -DWRITERS=2        two writers, who wait once each and move one another's grace periods; readers stay
 *            -DUNUSED           no reader was seen on either CPU: the first announces itself, or counts atomically
 *            -DQUIET            CPU 1 must not be disturbed: readers there add atomically
 *            -DISOLATION        CPU 1 becomes quiet, or is given back, with any grace period
 * Broken:    -DONE_INDEX        only the index in use is seen drained, as if one flip were enough
 *            -DNO_MEMBARRIER    no membarrier
 *            -DARRIVALS_FIRST   arrivals are summed before departures
 *            -DWRITERS=2 -DUNUSED -DMODES_FIRST   CPUs to fence are looked up before the grace period takes its number
 *            -DISOLATION -DNO_LAST_FENCE          a CPU becomes quiet without a last membarrier
 */

#ifndef WRITERS
#define WRITERS 1
#endif
#define WAITS (3 - WRITERS)
#define READERS 2
#if defined(UNUSED) || defined(QUIET) || defined(ISOLATION)
#define MODES
#endif
#if defined(MODES) || WRITERS > 1
#define READS(reader) 1
#else
#define READS(reader) (2 - reader)
#endif

#define NOBODY 2
#define NOT_SEEN 0                 /* of `mode` */
#define PLAIN 1
#define KEPT_QUIET 2

bit index;
byte mode[2];
byte owned[8];                     /* CPU * 4 + ENTERED or LEFT + index */
byte shared[4];                    /* those of all CPUs: ENTERED or LEFT + index */
#define ENTERED 0
#define LEFT 2

/* Grace periods. */
byte started, completed, stage;
bool moving;
#define RESTING 0
#define DRAINING_UNUSED 1
#define DRAINING_OLD 2

/* What is published, by its version; what each reader saw of it, 0 for nothing. */
byte version = 1;
byte saw[READERS];
bool inside[READERS], before[4];   /* ghosts: before[writer * 2 + reader]: inside when the wait began */

/* Each CPU runs a reader or none; buffers of plain adds, each one more than its word. */
byte running[2] = NOBODY, place[READERS];
byte first[2], second[2];
bool inSection[READERS], restarted[READERS];

#define RUNS(i) (running[place[i]] == i)
#define FULL(c) (second[c] != 0)
#define PUT(c, w) if :: first[c] == 0 -> first[c] = w + 1 :: else -> second[c] = w + 1 fi
#define RETIRE(c) owned[c * 4 + first[c] - 1]++; first[c] = second[c]; second[c] = 0
#define DRAIN(c) do :: first[c] != 0 -> RETIRE(c) :: else -> break od
#define INTERRUPT(c) DRAIN(c); restarted[running[c]] = inSection[running[c]]

active proctype Machine() {
  atomic { running[0] = 0; place[1] = 1; running[1] = 1;
#ifndef UNUSED
    mode[0] = PLAIN; mode[1] = PLAIN;
#endif
#ifdef QUIET
    mode[1] = KEPT_QUIET;
#endif
    skip };
end:
  do
  :: atomic { first[0] != 0 -> RETIRE(0) }
  :: atomic { first[1] != 0 -> RETIRE(1) }
#if WRITERS == 1
  :: atomic { RUNS(0) ->                                   /* to the other CPU, where it may have to wait for its turn */
       INTERRUPT(place[0]); running[place[0]] = (place[0] == 1 -> 1 : NOBODY); place[0] = 1 - place[0];
       if :: place[0] == 0 -> running[0] = 0 :: else fi }
  :: atomic { place[0] == 1 -> INTERRUPT(1); running[1] = 1 - running[1] }
#endif
  od
}

#define counted(what) inside[me] = (what == ENTERED); \
  if :: what == LEFT -> saw[me] = 0; before[me] = false; before[2 + me] = false :: else fi

/* enter, leave: add, addSlow, addInSection. One step for each instruction that touches memory. */
inline add(what) {
  do
  ::
     atomic { RUNS(me) ->                                  /* qpw_rseq_count begins, and looks at the mode */
       if :: mode[place[me]] == PLAIN -> inSection[me] = true :: else fi };
     if
     :: atomic { inSection[me] && RUNS(me) && restarted[me] -> restarted[me] = false; inSection[me] = false }
     :: atomic { inSection[me] && RUNS(me) && !restarted[me] && !FULL(place[me]) ->
          PUT(place[me], what + at); inSection[me] = false; counted(what); break }
#ifdef MODES
     :: atomic { !inSection[me] && RUNS(me) ->
          if :: mode[place[me]] == NOT_SEEN -> on = place[me] :: else -> on = NOBODY + 1 fi }
#endif
     fi;
#ifdef MODES
     if
     :: on == NOBODY
     :: atomic { on < NOBODY && RUNS(me) ->               /* announced, and tried again */
          DRAIN(place[me]); if :: mode[on] == NOT_SEEN -> mode[on] = PLAIN :: else fi; on = NOBODY }
     :: atomic { on != NOBODY && RUNS(me) -> DRAIN(place[me]); shared[what + at]++; on = NOBODY; counted(what); break }
     fi
#endif
  od
}

active [READERS] proctype Reader() {
  byte me, reads, at, on;
  atomic { me = _pid - 1; on = NOBODY };
  do
  :: reads < READS(me) ->
     atomic { RUNS(me) -> reads++; at = index };
     add(ENTERED);
     atomic { RUNS(me) -> saw[me] = version };
     add(LEFT)
  :: else -> break
  od
}

inline membarrier(c) {
#ifndef NO_MEMBARRIER
  atomic { if :: running[c] != NOBODY -> INTERRUPT(c) :: else fi }
#else
  skip
#endif
}

/* isDrained, sum: `sum` is the difference, so that either may come first. */
inline sumUp(what, i, sign) {
  sum = sum + (sign) * owned[what + i];
  sum = sum + (sign) * owned[4 + what + i];
#ifdef MODES
  sum = sum + (sign) * shared[what + i];
#else
  skip
#endif
}

inline subtract(i) {
#ifdef ARRIVALS_FIRST
  sumUp(ENTERED, i, 1);
  sumUp(LEFT, i, -1)
#else
  sumUp(LEFT, i, -1);
  sumUp(ENTERED, i, 1)
#endif
}

inline begin() {
#ifdef MODES_FIRST
  fences[0] = (mode[0] == PLAIN);
  fences[1] = (mode[1] == PLAIN);
#endif
  started++;
#ifdef ISOLATION
  if                                                       /* followIsolation */
  :: atomic { mode[1] == KEPT_QUIET -> mode[1] = NOT_SEEN }
  :: atomic { mode[1] != KEPT_QUIET -> fences[1] = (mode[1] == PLAIN); mode[1] = KEPT_QUIET };
#ifndef NO_LAST_FENCE
     if :: fences[1] -> membarrier(1) :: else fi;
#endif
     fences[1] = false
  :: skip
  fi;
#endif
#ifndef MODES_FIRST
  fences[0] = (mode[0] == PLAIN);                          /* fencePlainReaders */
  fences[1] = (mode[1] == PLAIN);
#endif
  if :: fences[0] -> membarrier(0) :: else fi;
  if :: fences[1] -> membarrier(1) :: else fi;
  fences[0] = false; fences[1] = false
}

/* advance(to:), step: until somebody is in the way. */
inline advance() {
  if
  :: atomic { !moving -> moving = true };
     do
     :: completed >= number -> break
     :: completed < number && stage == RESTING -> begin(); stage = DRAINING_UNUSED
     :: completed < number && stage == DRAINING_UNUSED ->
#ifndef ONE_INDEX
        subtract(1 - index);
#endif
        if
        :: sum != 0 -> break
        :: else ->
           subtract(index);
           if
           :: sum == 0 -> completed = started; stage = RESTING
           :: else -> sum = 0; index = 1 - index; stage = DRAINING_OLD
           fi
        fi
     :: completed < number && stage == DRAINING_OLD ->
        subtract(1 - index);
        if
        :: sum != 0 -> break
        :: else -> completed = started; stage = RESTING
        fi
     od;
     sum = 0;
     moving = false
  :: completed >= number
  fi
}

active [WRITERS] proctype Writer() {
  byte me, waits, number, mine;
  short sum;
  bool fences[2];
  me = _pid - 1 - READERS;
  do
  :: waits < WAITS ->
     atomic { version++; mine = version };                 /* unpublished: an exchange */
     atomic { before[me * 2] = inside[0]; before[me * 2 + 1] = inside[1]; number = started + 1 };   /* next */
     do
     :: completed >= number -> break
     :: completed < number -> advance()
     od;
     atomic {
       assert(!before[me * 2] && !before[me * 2 + 1]);
       assert(saw[0] == 0 || saw[0] >= mine);
       assert(saw[1] == 0 || saw[1] >= mine);
       waits++; number = 0; mine = 0 }
  :: else -> break
  od
}
