/* Waiting for a slot's holder: Sources/QPW/Lock/Waiting.swift.
 *
 * One holder takes and leaves the slot ROUNDS times; two waiters each want it once, and hold it in their turn.
 *
 * (1) As it is, sleeps end by their time-out at the latest, and any holder may be an owner, whose release is one plain
 *     store and wakes nobody. Property: every waiter proceeds (weakly fair scheduling).
 * (2) -DNO_TIMEOUT: sleeps end by a wake-up alone, and every holder is a remote one. Property: the same, thus no
 *     wake-up of a remote release is lost. This is more than the code relies on.
 *
 * Memory is TSO: the release is a store in a buffer, which a read-modify-write empties.
 *
 * Verified:  (none)  -DNO_TIMEOUT
 * Broken:    -DNO_TIMEOUT -DPLAIN_LOOK      the release loads `waiters`, and exchanges it only if it is set
 *            -DNO_TIMEOUT -DNO_COMPARE      the sleep does not compare `waiters` again (no futex)
 *            -DNO_TIMEOUT -DLOOK_FIRST      the waiter looks at `owner` before it sets `waiters`
 *            -DNO_TIMEOUT -DOWNER_HOLDS     an owner holds: why the time-outs are there
 */

#ifndef ROUNDS
#define ROUNDS 2
#endif

bool held, waiters;
bool buffered[3];                  /* a release that has not reached memory */
bool asleep[3];                    /* queued in the kernel on `waiters` */
byte done;

#define DRAIN(i) if :: buffered[i] -> buffered[i] = false; held = false :: else fi

active proctype Memory() {
end:
  do
  :: atomic { buffered[0] -> DRAIN(0) }
  :: atomic { buffered[1] -> DRAIN(1) }
  :: atomic { buffered[2] -> DRAIN(2) }
  od
}

inline releaseRemote(i) {          /* endRemoteHold, wakeWaiters */
  buffered[i] = true;
#ifdef PLAIN_LOOK
  if :: !waiters -> goto Released :: else fi;
#endif
  atomic { DRAIN(i); wakes = waiters; waiters = false };
  if
  :: wakes -> atomic { asleep[1] = false; asleep[2] = false; wakes = false }
  :: else
  fi;
}

inline releaseOwner(i) { buffered[i] = true }

/* The holders there may be. */
inline release(i) {
#ifdef NO_TIMEOUT
#ifdef OWNER_HOLDS
  if :: i == 0 -> releaseOwner(i) :: else -> releaseRemote(i) fi
#else
  releaseRemote(i)
#endif
#else
  if :: releaseOwner(i) :: releaseRemote(i) fi
#endif
}

active proctype Holder() {
  byte round;
  bool wakes;
  do
  :: round < ROUNDS ->
     atomic { !held && !buffered[0] -> held = true };
     release(0);
Released:
     round++
  :: else -> break
  od
}

active [2] proctype Waiter() {
  byte me = _pid - 1;              /* 1 and 2 */
  bool wakes, free;
Try:                               /* waitForExchange */
  atomic { if :: !held -> held = true; goto Held :: else fi };
  if
  :: goto Try                      /* the first steps of Backoff spin and yield */
  :: skip
  fi;
#ifdef LOOK_FIRST
  free = !held; waiters = true;
#else
  waiters = true;                  /* an atomic or: this thread has nothing in its buffer */
  free = !held;
#endif
  if :: free -> goto Try :: else fi;
#ifdef NO_COMPARE
  asleep[me] = true;
#else
  atomic { if :: waiters -> asleep[me] = true :: else -> goto Try fi };    /* futex: compare and queue are one */
#endif
#ifdef NO_TIMEOUT
  !asleep[me];
#else
  if :: !asleep[me] :: asleep[me] = false fi;                                   /* woken, or the time-out */
#endif
  goto Try;

Held:
  release(me);
Released:
  done++
}

ltl proceeds { <> (done == 2) }
