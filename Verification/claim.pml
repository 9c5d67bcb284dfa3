/* The slot's protocol under `fence` (and, with -DNO_TRAIT, that of a build without the trait `QPW`).
 *
 * Two threads use CPU c's slot as theirs: restartable sections, commit by a plain store or by a compare-and-exchange,
 * release by a plain store. Two claimers take it from elsewhere. All go on for ever; nothing is counted, so the check
 * is exhaustive for these four threads.
 *
 * Property: never two holders. `holders` is raised with the instruction that takes the slot and lowered with the one
 * that leaves it, in program order: that is what the data behind the lock would see.
 *
 * Memory is x86's (TSO): a store goes to its thread's buffer and reaches memory later, in order; a thread sees its own
 * stores at once; an atomic read-modify-write empties the buffer first. A switch and a membarrier empty it too.
 *
 * Verified:  (none)
 *            -DISOLATION         one claimer also sets and clears the standing claim of an isolated CPU
 *            -DNO_TRAIT
 * Broken:    -DNO_FENCE          the claimer sends no membarrier
 *            -DPLAIN_EXCHANGE    a local locker that has left c exchanges `owner` outside of a section
 *            -DSHARE_EARLY       a claimer relies on another's membarrier before that has returned
 *            -DNO_TRAIT -DNO_FENCE
 */

#define FREE 0
#define LOCAL 1
#define REMOTE(i) ((i))            /* claimers are threads 2 and 3: no two write the same */

/* `claim`: count in the low two bits, then the flags of Claim. */
#define COUNT 3
#define FENCING 4
#define FENCED 8
#define PERMANENT 16

byte owner, claim;
bool marked;                       /* Pending.claimedHold */
byte holders;                      /* ghost */

/* Store buffers, of stores to `owner`: no other word is written by a plain store. Two entries, each one more than its
 * value: zero is none. A thread with both filled waits for memory. */
byte first[4], second[4];

#define FULL(i) (second[i] != 0)
#define STORE(i, v) if :: first[i] == 0 -> first[i] = v + 1 :: else -> second[i] = v + 1 fi
#define RETIRE(i) owner = first[i] - 1; first[i] = second[i]; second[i] = 0
#define DRAIN(i) do :: first[i] != 0 -> RETIRE(i) :: else -> break od
#define SEEN(i) (second[i] != 0 -> second[i] - 1 : (first[i] != 0 -> first[i] - 1 : owner))

/* CPU c runs one of threads 0 and 1, or neither (2). A thread that is `away` runs on some other CPU. */
byte current;
bool away[2];
bool inSection[2], restarted[2];

#define RUNS(i) (away[i] || current == i)
#define INTERRUPT(i) DRAIN(i); restarted[i] = inSection[i]

/* The kernel restarts a section as soon as its thread would run on: no instruction of it is executed after that. */
#define RESTARTED(i) restarted[i] -> restarted[i] = false; inSection[i] = false

inline hold()  { holders++; assert(holders == 1) }
inline leave() { assert(holders == 1); holders-- }

/* What no thread decides: preemption and migration between any two instructions, and when a store reaches memory. */
active proctype Machine() {
  byte i;
  do
  :: atomic { current < 2 && !away[1 - current] -> INTERRUPT(current); current = 1 - current }
  :: atomic { current == 2 -> if :: !away[0] -> current = 0 :: !away[1] -> current = 1 fi }
  :: atomic { current < 2 ->                          /* the running thread is moved to another CPU */
       INTERRUPT(current); away[current] = true;
       if :: !away[1 - current] -> current = 1 - current :: else -> current = 2 fi }
  :: atomic { away[0] -> DRAIN(0); away[0] = false }  /* back to c, where it waits for its turn */
  :: atomic { away[1] -> DRAIN(1); away[1] = false }
  :: atomic { first[0] != 0 -> RETIRE(0) }
  :: atomic { first[1] != 0 -> RETIRE(1) }
  :: atomic { first[2] != 0 -> RETIRE(2) }
  :: atomic { first[3] != 0 -> RETIRE(3) }
  od
}

active [2] proctype Owner() {
  byte me = _pid - 1;

Attempt:
  if
  :: goto Fast
#ifndef NO_TRAIT
  :: goto Exchange                 /* after a failure; allowed at any time here, which is more */
#endif
#ifdef PLAIN_EXCHANGE
  :: atomic { away[me] -> DRAIN(me); if :: owner == FREE -> owner = LOCAL; hold(); goto Held :: else -> goto Attempt fi }
#endif
  fi;

Fast:                              /* F: qpw_rseq_acquire; one step for each instruction that touches memory */
  atomic { RUNS(me) -> if :: away[me] -> goto Attempt :: else -> inSection[me] = true fi };
#ifndef NO_TRAIT
  atomic { RUNS(me) ->
    if :: RESTARTED(me); goto Attempt
       :: else -> if :: claim != 0 -> inSection[me] = false; goto Attempt :: else fi
    fi };
#endif
  atomic { RUNS(me) ->
    if :: RESTARTED(me); goto Attempt
       :: else -> if :: SEEN(me) != FREE -> inSection[me] = false; goto Attempt :: else fi
    fi };
  atomic { RUNS(me) && (!FULL(me) || restarted[me]) ->
    if :: RESTARTED(me); goto Attempt
       :: else -> STORE(me, LOCAL); inSection[me] = false; hold(); goto Held
    fi };

Exchange:                          /* L: qpw_rseq_exchange, qpw_rseq_acquire_claimed */
  atomic { RUNS(me) -> if :: away[me] -> goto Attempt :: else -> inSection[me] = true fi };
  atomic { RUNS(me) ->
    if :: RESTARTED(me); goto Attempt
       :: else -> DRAIN(me); inSection[me] = false;
          if :: owner == FREE -> owner = LOCAL; hold() :: else -> goto Attempt fi
    fi };

Held:                              /* the holder may be preempted and moved here; it looks at `pending` while holding */
  atomic { RUNS(me) -> assert(!marked) };
  atomic { RUNS(me) && !FULL(me) -> leave(); STORE(me, FREE) };
  goto Attempt                     /* with the release still in the buffer */
}

/* Restarts the section on c and orders memory there. Where another process runs on c, the switch did. Threads that have
 * moved away are not reached. */
inline membarrier() {
#ifndef NO_FENCE
  atomic { if :: current < 2 -> INTERRUPT(current) :: else fi }
#else
  skip
#endif
}

active [2] proctype Claimer() {
  byte me = _pid - 1;              /* 2 and 3 */
  byte seen;
  bool toggles, had;

#ifdef NO_TRAIT
Begin:                             /* exchangeAndFence */
  atomic { owner == FREE -> DRAIN(me); if :: owner == FREE -> owner = REMOTE(me) :: else -> goto Begin fi };
  membarrier();
  atomic { if :: owner == REMOTE(me) -> hold() :: else -> goto Begin fi };
  atomic { leave(); STORE(me, FREE) };
  goto Begin
#else
Begin:
  atomic { seen = 0; toggles = false; had = false;
#ifdef ISOLATION
    if :: me == 2 :: toggles = true; had = (claim & PERMANENT) != 0 fi;     /* a caller who locks; followIsolation */
#endif
    skip };
  atomic { DRAIN(me); claim++; seen = claim };                             /* enterClaim */
Wait:
  if
  :: seen & FENCED -> goto Claimed
  :: !(seen & FENCED) && (seen & FENCING) ->
#ifdef SHARE_EARLY
     goto Claimed
#else
     if
     :: goto Leave                 /* the deadline came; tryEnterClaim gives up here at once */
     :: atomic { !(claim & FENCING) -> seen = claim }; goto Wait
     fi
#endif
  :: else ->
     atomic {                      /* beginFencing */
       if :: claim == seen -> claim = claim | FENCING; seen = 255 :: else -> seen = claim fi };
     if
     :: seen == 255 -> membarrier(); atomic { claim = claim ^ (FENCING | FENCED); seen = 0 }; goto Claimed
     :: else -> goto Wait
     fi
  fi;

Claimed:
  seen = 0;
  if
  :: toggles ->
     atomic { if :: had -> claim = claim & (31 - PERMANENT) :: else -> claim = claim | PERMANENT fi }; goto Leave
  :: else
  fi;
  if
  :: goto Leave                    /* tryAcquire failed, or the deadline came */
  :: atomic { owner == FREE -> owner = REMOTE(me); hold() }              /* exchangeOwner */
  fi;
  atomic { assert(!marked); marked = true };                               /* beginRemoteHold */
  marked = false;                                                          /* endRemoteHold */
  atomic { leave(); STORE(me, FREE) };

Leave:                             /* leaveClaim */
  seen = claim;
  atomic {
    DRAIN(me);
    if
    :: claim != seen -> goto Leave
    :: else ->
       assert((claim & COUNT) != 0);
       seen = seen - 1;
       claim = ((seen & (COUNT | PERMANENT)) == 0 -> 0 : seen)
    fi
  };
  goto Begin
#endif
}
