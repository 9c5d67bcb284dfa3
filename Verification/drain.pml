/* drainAll's generations: Sources/QPWPages/LRU/DrainTurns.swift, after lru_add_drain_all (mm/swap.c).
 *
 * Two owners, each on its CPU, add to their batches and drain all CPUs; a housekeeper drains, too. A drain takes each marked
 * CPU's batch away, unless it finds it empty, with the slot held, leaves the CPU its other one, and moves what it took to the
 * lists outside of the slot; an owner moves a full batch with its slot held, and adds without taking it to a batch that
 * admits that. A slot's exclusion is claim.pml's business and a worker's flush work.pml's: here a slot is a lock.
 *
 * Property: when drainAll returns, everything is on the lists that was added before its call: by the caller, in its own
 * order, and by others, as far as it had reached memory.
 *
 * Memory is TSO. What an owner stores with its slot held, and the release, go through a buffer, and so does the count of a
 * batch that is empty no more; so does the generation.
 *
 * Verified:  (none)
 *            -DFORCE            the housekeeper drains twice, whatever the generation is, and visits every CPU (`.everyCPU`)
 * Broken:    -DLATE             the generation is advanced after the look at the CPUs
 *            -DNO_FENCE_BEFORE  no fence between an addition and the load of the generation
 *            -DNO_FENCE_AFTER   no fence between the store of the generation and the look at the CPUs
 *            -DUNMARK_FIRST     an owner takes its mark off before its batch is on the lists
 *            -DPUSH_FIRST       the first addition of a batch that does not admit it does not take the slot, either
 *            -DUNMARK_OPEN      an owner takes its mark off, and the batch that was full goes on admitting additions
 *            -DKEEP_LIMIT       a batch goes on admitting additions that a drain has taken away empty (with -DFORCE)
 *            -DEMPTY_FIRST      an owner's batch is found empty before what it held is on the lists
 *            -DLEAVE_EARLY      a drain leaves the gate before it has moved what it took away
 */

#define CPUS 2
/* Of an owner: add or not, then drain or not. */
#ifdef FORCE
#define ROUNDS(owner) (2 - owner)
#else
#define ROUNDS(owner) 2
#endif

byte generation;
bool gate;
bool held[CPUS], marked[CPUS];

/* Additions are numbered. In the batch of CPU c that is in use: from[c] to last[c]; taken away: from away[c]. 0: nothing. */
byte last[CPUS], from[CPUS], away[CPUS];
/* Whether a batch admits additions by who does not take the slot. A drain that visits who has something leaves both closed: so
 * one of a CPU's two is enough, unless batches are taken away that are empty. */
#ifdef FORCE
bit used[CPUS];
bool admits[2 * CPUS];
#define ADMITS(c) admits[2 * c + used[c]]
#define EXCHANGE(c) used[c] = 1 - used[c]
#define CLOSE(c) admits[2 * c + 1 - used[c]] = false
#else
bool admits[CPUS];
#define ADMITS(c) admits[c]
#define EXCHANGE(c) admits[c] = false
#define CLOSE(c) skip
#endif
byte visible[CPUS];                /* ghost: additions whose mark, or count, has reached memory */

/* Buffers, in order: an owner's count, his mark, his release, the count of an addition after that; a drainer's generation. */
#define FIRST 1
#define LATER 2
#define MARK 1
#define UNMARK 2
byte mark[CPUS];
byte counts[CPUS];
bool releases[CPUS], advances[3];

#define LAND(i) if \
  :: counts[i] == FIRST -> counts[i] = 0 \
  :: counts[i] != FIRST && mark[i] == MARK -> \
     marked[i] = true; mark[i] = 0; \
     if :: counts[i] == LATER -> visible[i] = from[i] - 1 :: else -> visible[i] = last[i] fi \
  :: counts[i] != FIRST && mark[i] == UNMARK -> marked[i] = false; mark[i] = 0 \
  :: else -> if \
     :: releases[i] -> held[i] = false; releases[i] = false \
     :: else -> if :: counts[i] != 0 -> visible[i] = last[i]; counts[i] = 0 :: else fi fi fi
#define DRAIN(i) if \
  :: i < CPUS -> LAND(i); LAND(i); LAND(i) \
  :: else fi; \
  if :: advances[i] -> generation++; advances[i] = false :: else fi

active proctype Memory() {
end:
  do
  :: atomic { mark[0] != 0 || releases[0] || counts[0] != 0 -> LAND(0) }
  :: atomic { mark[1] != 0 || releases[1] || counts[1] != 0 -> LAND(1) }
  :: atomic { advances[0] -> advances[0] = false; generation++ }
  :: atomic { advances[1] -> advances[1] = false; generation++ }
  :: atomic { advances[2] -> advances[2] = false; generation++ }
  od
}

/* needsDrain: the mark, and then the counts. */
#ifdef EMPTY_FIRST
bool emptied[CPUS];
#define HOLDS(c) (from[c] != 0 && counts[c] == 0 && !emptied[c])
#else
#define HOLDS(c) (from[c] != 0 && counts[c] == 0)
#endif

/* add: in a section, which sees the owner's own release. What is stored reaches memory after a mark that has yet to: it is
 * taken for seen only then, or with the count, or else, as if there were no buffer, at once. */
inline push(c) {
  atomic {
#ifdef PUSH_FIRST
    !held[c] || releases[c] ->
#else
    (!held[c] || releases[c]) && ADMITS(c) ->
#endif
    last[c]++;
    if :: from[c] == 0 -> from[c] = last[c]; counts[c] = LATER :: else fi;
    if :: mark[c] == 0 && counts[c] == 0 -> visible[c] = last[c] :: else fi }
}

/* put, moveNow: with the slot held; the next addition finds the buffer empty, which only withholds harmless cases. */
inline add(c) {
  atomic { !held[c] && mark[c] == 0 && !releases[c] && counts[c] == 0 -> held[c] = true };
  atomic { last[c]++; if :: from[c] == 0 -> from[c] = last[c]; counts[c] = FIRST :: else fi };
  if
  :: atomic { mark[c] = MARK; ADMITS(c) = true; releases[c] = true }
  ::                               /* full: to the lists, under their lock, whose instruction empties the buffer */
#ifdef EMPTY_FIRST
     emptied[c] = true;
#endif
#ifdef UNMARK_FIRST
     marked[c] = false;
#endif
     atomic { from[c] = 0; counts[c] = 0 };
#ifdef EMPTY_FIRST
     emptied[c] = false;
#endif
     if
#ifndef UNMARK_OPEN
     :: atomic { ADMITS(c) = true; mark[c] = MARK; releases[c] = true }
     :: atomic { ADMITS(c) = false; mark[c] = UNMARK; releases[c] = true }
#else
     :: atomic { ADMITS(c) = true; mark[c] = UNMARK; releases[c] = true }
#endif
     fi
  fi
}

/* NodeLists.empty: of a batch that was taken away. */
#ifdef KEEP_LIMIT
#define EMPTY(c) if :: away[c] != 0 -> CLOSE(c); away[c] = 0 :: else fi
#else
#define EMPTY(c) CLOSE(c); away[c] = 0
#endif

#define LISTED(c, n) ((from[c] == 0 || from[c] > n) && (away[c] == 0 || away[c] > n))

/* detach. Who takes another's slot has what its owner stored. */
inline visit(c, forced) {
  if
  :: (marked[c] && HOLDS(c)) || forced ->
     atomic { !held[c] -> held[c] = true };
     atomic {
       if :: counts[c] != 0 -> visible[c] = last[c]; counts[c] = 0 :: else fi;
       EXCHANGE(c);
       if
       :: from[c] != 0 -> if :: away[c] == 0 -> away[c] = from[c] :: else fi; from[c] = 0
       :: else
       fi;
       marked[c] = false; held[c] = false }
  :: else
  fi
}

inline drainAll(me, forced) {
  atomic { upTo[0] = visible[0]; upTo[1] = visible[1]; if :: me < CPUS -> upTo[me] = last[me] :: else fi };
#ifndef NO_FENCE_BEFORE
  atomic { DRAIN(me) };                                    /* arrive */
#endif
  seen = generation;
  atomic { !gate -> gate = true; DRAIN(me) };              /* DrainGate.enter */
  if
  :: generation != seen && !forced -> leave(me)
  :: else ->                                               /* beginDrain */
#ifndef LATE
     advances[me] = true;
#ifndef NO_FENCE_AFTER
     atomic { DRAIN(me) };
#endif
#endif
     visit(0, forced);                                     /* detachAll */
     visit(1, forced);
#ifdef LATE
     advances[me] = true;
     atomic { DRAIN(me) };
#endif
#ifdef LEAVE_EARLY
     leave(me);
     atomic { EMPTY(0); EMPTY(1) }
#else
     atomic { EMPTY(0); EMPTY(1) };                        /* moveDetached */
     leave(me)
#endif
  fi;
  atomic { seen = 0; assert(LISTED(0, upTo[0]) && LISTED(1, upTo[1])); upTo[0] = 0; upTo[1] = 0 }
}

inline leave(me) { atomic { DRAIN(me); gate = false } }

active [CPUS] proctype Owner() {
  byte me, round, seen, upTo[CPUS];
  me = _pid - 1;
  do
  :: round < ROUNDS(me) ->
     round++;
     if :: add(me) :: push(me) :: skip fi;
     if :: drainAll(me, false) :: skip fi
  :: else -> break
  od
}

active proctype Housekeeper() {
  byte seen, upTo[CPUS];
#ifdef FORCE
  drainAll(2, true);
  drainAll(2, true)
#else
  drainAll(2, false)
#endif
}
