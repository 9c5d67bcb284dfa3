/* A work item: Sources/QPW/Work/WorkItem.swift.
 *
 * The item is queued twice; two executors take up tickets in any order, as lists of several threads would; a thread and a
 * task flush. -DINLINE: one queues it once, another twice, and they run it (`runInline`). With a thread that flushes
 * alone: -DREQUEUE: the function queues its item again, once; -DCANCEL: somebody cancels, cancels and waits, or steals.
 *
 * Properties: (1) the function is on one thread at a time; (2) flush returns only when everything that was queued before
 * its call has run to its end, or was cancelled; (3) when nothing moves any more every flusher has returned, and what was
 * there before any queueing that was not cancelled has been seen by a run; (4) after cancelAndWait the function is on
 * no thread while the item is disabled.
 *
 * Every store to `state` and `completed` is a read-modify-write, so there is nothing for a store buffer to hold back;
 * -DPLAIN_LOOK has such a store, and its buffer.
 *
 * Verified:  (none)  -DINLINE  -DCANCEL  -DREQUEUE
 * Broken:    -DTWO_WORDS       who waits is noted in a word of its own, which the completer exchanges after the number
 *            -DPLAIN_LOOK      the same, and the completer stores the number and then loads that word
 *            -DNO_COMPARE      the flusher sleeps though `completed` has changed (no futex)
 *            -DNO_AGAIN        the runner clears `running` without looking at `again`
 *            -DCOMPLETE_ALL    a runner completes the last queueing though that is still pending
 *            -DCANCEL -DCOMPLETE_CANCELLED    cancel completes its queueing though an earlier one is running
 *            -DTAKE_LATE       `pending` ends after the function is called
 */

#ifdef INLINE
#define QUEUERS 2
#define QUEUEINGS (1 + _pid % 2)
#else
#define QUEUERS 1                  /* each call is one step: a second queuer would add nothing */
#define QUEUEINGS 2
#define EXECUTORS 2
#endif
#if defined(CANCEL) || defined(REQUEUE)
#define FLUSHERS 1                 /* a thread */
#else
#define FLUSHERS 2                 /* a thread and a task */
#endif

#if defined(PLAIN_LOOK) && !defined(TWO_WORDS)
#define TWO_WORDS
#endif

/* state */
byte number, disabled;
bool pending, running, again;

/* completed: number << 2 | TASKS | THREADS */
#define THREADS 1
#define TASKS 2
byte completed;
byte waiters;                      /* of -DTWO_WORDS */

chan list = [8] of { byte };       /* tickets, each its queueing's number */

bool asleep;                       /* the thread is queued in the kernel on `completed` */
bool waits, resumed;               /* the task's continuation: on the list; resumed */
byte waitsFor;

/* Ghosts: how many calls to queue have had their effect; up to which of them a run began, a run saw and ended, and which
 * were cancelled: those above `above` up to `dropped`. */
byte asked, taken, done, above, dropped;
byte functions, returned, queuers = QUEUERS;

#ifdef PLAIN_LOOK
byte buffer[8];                    /* a store to `completed` that has not reached memory, for each thread; 0: none */
#define DRAIN(i) if :: buffer[i] != 0 -> completed = buffer[i]; buffer[i] = 0 :: else fi
active proctype Memory() {
  byte i;
end:
  do
  :: atomic { buffer[1] != 0 -> DRAIN(1) } :: atomic { buffer[2] != 0 -> DRAIN(2) }
  :: atomic { buffer[3] != 0 -> DRAIN(3) } :: atomic { buffer[4] != 0 -> DRAIN(4) }
  :: atomic { buffer[5] != 0 -> DRAIN(5) } :: atomic { buffer[6] != 0 -> DRAIN(6) }
  :: atomic { buffer[7] != 0 -> DRAIN(7) }
  od
}
#endif

/* complete: what follows the exchange of `completed` is resumeTasks, whose mutex makes its middle one step. */
inline complete(upTo) {
  seen = completed;
  do
  :: (seen >> 2) >= upTo -> break
  :: else ->
#ifdef PLAIN_LOOK
     buffer[_pid] = upTo << 2;
     break
#else
     atomic {
       if
       :: completed == seen -> completed = upTo << 2; wakes = seen & 3; seen = 255
       :: else -> seen = completed
       fi };
     if :: seen == 255 -> break :: else fi
#endif
  od;
#ifdef TWO_WORDS
#ifdef PLAIN_LOOK
  wakes = waiters;
  atomic { if :: wakes != 0 -> DRAIN(_pid); waiters = 0 :: else fi };
#else
  atomic { wakes = waiters; waiters = 0 };
#endif
#endif
  atomic { seen = 0; if :: wakes & THREADS -> asleep = false :: else fi };
  if :: atomic { wakes & TASKS -> wakes = 0 }; resumeTasks() :: atomic { else -> wakes = 0 } fi
}

inline resumeTasks() {
  do
  ::
#ifdef TWO_WORDS
     atomic { seen = completed; if :: waits && (seen >> 2) >= waitsFor -> waits = false; resumed = true :: else fi };
     if :: !waits -> break :: else fi;
     waiters = waiters | TASKS;
     if :: completed == seen -> break :: else fi
#else
     seen = completed;
     atomic { if :: waits && (seen >> 2) >= waitsFor -> waits = false; resumed = true :: else fi;
              if :: waits -> left = true :: else -> left = false fi };
     if :: !left -> break :: else fi;
     atomic {                                              /* noteWaiting */
       if :: completed == seen -> completed = seen | TASKS; seen = 255 :: else fi };
     if :: seen == 255 -> break :: else fi
#endif
  od;
  atomic { seen = 0; left = false }
}

/* runUntilDone, with `running` set by the caller. */
inline runUntilDone() {
  do
  ::
     atomic { functions++; assert(functions == 1); saw = asked };
#ifdef TAKE_LATE
     atomic { pending = false; taken = asked };
#endif
#ifdef REQUEUE
     if                                                    /* the function queues its item again, or not, once */
     :: atomic { !pending && disabled == 0 && !requeued -> requeued = true; pending = true; number++; list!number }
     :: skip
     fi;
#endif
     atomic { functions--; done = saw; saw = 0 };
     atomic {
       upTo = (pending -> number - 1 : number);
       repeats = again;
#ifdef NO_AGAIN
       repeats = false; running = false
#else
       if :: again -> again = false; pending = false; taken = asked :: else -> running = false fi
#endif
     };
#ifdef COMPLETE_ALL
     upTo = number;
#endif
     complete(upTo);
     if :: !repeats -> break :: else fi
  od;
  upTo = 0
}

#define VARIABLES byte seen, wakes, upTo; bool left, repeats, mine; byte saw

bool requeued;

/* run(number) */
inline runTicket(n) {
  atomic {
    if
    :: pending && number == n ->
       if
       :: running -> again = true
       :: else -> running = true; mine = true;
#ifndef TAKE_LATE
                  pending = false; taken = asked
#endif
       fi
    :: else
    fi;
    n = 0 };
  if :: mine -> mine = false; runUntilDone() :: else fi
}

#ifndef INLINE
active [EXECUTORS] proctype Executor() {
  byte n;
  VARIABLES;
end:
  do
  :: list?n -> runTicket(n)
  od
}
#endif

/* queue: the ticket is on its list with the same step, since an executor may take it at any time later; runInline. */
active [QUEUERS] proctype Queuer() {
  byte i;
  VARIABLES;
  do
  :: i < QUEUEINGS ->
     atomic {
       i++;
       if
       :: !pending && disabled == 0 ->
          number++; asked++;
#ifdef INLINE
          if :: running -> pending = true; again = true :: else -> running = true; mine = true; taken = asked fi
#else
          pending = true; list!number
#endif
       :: else -> if :: pending -> asked++ :: else fi
       fi };
#ifdef INLINE
     if :: mine -> mine = false; runUntilDone() :: else fi
#endif
  :: else -> break
  od;
  queuers--
}

#define RAN(t) (done >= t || (t <= dropped && done >= above))

/* flush(deadline:), unfinished, flush(through:deadline:) */
inline flushThread(target) {
  atomic { mark = asked; target = (pending || running -> number : 0) };
  if
  :: target == 0
  :: else ->
     do
     ::
#ifdef TWO_WORDS
        waiters = waiters | THREADS;
        seen = completed;
        if :: (seen >> 2) >= target -> break :: else fi;
        atomic { if :: completed == seen -> asleep = true :: else fi };
#else
        seen = completed;
        if :: (seen >> 2) >= target -> break :: else fi;
        atomic {                                           /* noteWaiting */
          if :: completed == seen -> completed = seen | THREADS; left = true :: else -> left = false fi };
        if
        :: left ->
#ifdef NO_COMPARE
           asleep = true
#else
           atomic { if :: completed == (seen | THREADS) -> asleep = true :: else fi }  /* futex: one step */
#endif
        :: else
        fi;
#endif
        !asleep
     od
  fi;
  seen = 0; left = false
}

active proctype ThreadFlusher() {
  byte seen, target, mark;
  bool left;
  flushThread(target);
  assert(RAN(mark));
  returned++
}

#if FLUSHERS > 1
active proctype TaskFlusher() {
  byte seen, target, mark;
  bool left;
  atomic { mark = asked; target = (pending || running -> number : 0) };
  if
  :: target == 0
  :: else ->
     atomic { waits = true; waitsFor = target };           /* under the continuations' mutex */
     resumeTasks();
     resumed
  fi;
  assert(RAN(mark));
  returned++
}
#endif

#ifdef CANCEL
inline cancel() {
  atomic {
    mine = false;
    if
    :: pending ->
       pending = false; again = false; dropped = asked; above = done;
       if :: running -> above = taken :: else -> upTo = number; mine = true fi;
#ifdef COMPLETE_CANCELLED
       upTo = number; mine = true
#endif
    :: else
    fi };
  if :: mine -> mine = false; complete(upTo) :: else fi;
  upTo = 0
}

active proctype Canceller() {
  byte target;
  VARIABLES;
  if
  :: cancel()
  :: disabled++;                                           /* cancelAndWait */
     cancel();
     /* The flush of a caller who waits: without the wait itself, of which (3) is about. */
     atomic { target = (pending || running -> number : 0) };
     (completed >> 2) >= target;
     assert(functions == 0 && !pending);
     disabled--
  :: atomic { pending && !running -> pending = false; running = true; taken = asked }; runUntilDone()  /* steal */
  :: skip
  fi;
  returned++
}
#endif

active proctype Monitor() {
  timeout ->
  assert(queuers == 0 && !pending && !running);
#ifdef CANCEL
  assert(returned == FLUSHERS + 1);
#else
  assert(returned == FLUSHERS);
#endif
  assert(done == asked || dropped == asked)
}
