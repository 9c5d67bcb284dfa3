/* A worker's signal: Sources/QPW/Work/Worker.swift.
 *
 * Two pushers push two tickets each; then the worker may be stopped, or not, so that the ticket of `stop` does not wake it
 * for what it had overlooked. Memory is TSO; only -DPLAIN_* store to `signal` without an atomic instruction.
 *
 * Properties: when nothing moves any more, every ticket has been taken; a worker that is stopped ends, and has taken all
 * that was pushed before.
 *
 * Verified:  (none)
 * Broken:    -DPLAIN_AWAKE   the worker stores `awake` where it exchanges: the store may come after its look at the list
 *            -DPLAIN_NEWS    the pusher looks at `signal` and then stores `news` where it exchanges
 *            -DTAKE_FIRST    the worker takes the list, then sets `awake`
 *            -DNO_COMPARE    the worker sleeps though `signal` is no longer `asleep` (no futex)
 */

#define AWAKE 0
#define NEWS 1
#define ASLEEP 2
#define NONE 3

byte signal, head;                 /* head: how many tickets are on the list */
byte left;                         /* ghost: those of the pushers among them; the worker may end before stop's own is pushed */
bool stopping, queued, ended;      /* queued: the worker sleeps in the kernel */
byte pushers = 2;
byte buffer[4] = NONE;             /* a store to `signal`; 0 is the worker's */

#define DRAIN(i) if :: buffer[i] != NONE -> signal = buffer[i]; buffer[i] = NONE :: else fi

active proctype Worker() {
  byte tickets;
  bool stops;
  do
  ::
#ifndef TAKE_FIRST
#ifdef PLAIN_AWAKE
     atomic { buffer[0] == NONE -> buffer[0] = AWAKE };
#else
     signal = AWAKE;
#endif
#endif
     stops = stopping;
     tickets = head;                                     /* takeAll's first look, a load: nothing is taken if it is 0 */
     if
     :: tickets != 0 -> atomic { DRAIN(0); tickets = head; head = 0; left = 0 }
     :: else
     fi;
#ifdef TAKE_FIRST
     signal = AWAKE;
#endif
     if
     :: tickets != 0 -> tickets = 0
     :: else ->
        if :: stops -> assert(left == 0); break :: else fi;
        atomic {                                         /* sleep() */
          DRAIN(0);
          if :: signal == AWAKE -> signal = ASLEEP; tickets = 1 :: else fi };
        if
        :: tickets == 1 ->
           tickets = 0;
#ifdef NO_COMPARE
           queued = true;
#else
           atomic { if :: signal == ASLEEP -> queued = true :: else fi };
#endif
end:       !queued
        :: else
        fi
     fi
  od;
  ended = true
}

inline push(i, counts) {
  atomic { head++; left = left + counts };
#ifdef PLAIN_NEWS
  seen = signal;
  atomic { buffer[i] == NONE -> buffer[i] = NEWS };
#else
  atomic { seen = signal; signal = NEWS };
#endif
  if :: seen == ASLEEP -> queued = false :: else fi;
  seen = 0
}

active [2] proctype Pusher() {
  byte me = _pid, seen;
  push(me, 1);
  push(me, 1);
  pushers--
}

active proctype Stopper() {
  byte seen;
  pushers == 0;
  if
  :: skip
  :: stopping = true; push(3, 0)
  fi
}

active proctype Memory() {
end:
  do
  :: atomic { buffer[0] != NONE -> DRAIN(0) }
  :: atomic { buffer[1] != NONE -> DRAIN(1) }
  :: atomic { buffer[2] != NONE -> DRAIN(2) }
  :: atomic { buffer[3] != NONE -> DRAIN(3) }
  od
}

active proctype Monitor() {
  timeout ->
  assert(pushers == 0 && left == 0 && (head == 0 || ended));
  assert(!stopping || ended)
}
