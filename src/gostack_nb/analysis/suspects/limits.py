"""The numbers that the verdict rests on, each with its reason from how Go programs work.

They are few, and none was fitted: where a number is a judgement, its text says so.
"""

FEW = 3
"""Fewer goroutines than this may come and stay by accident: a connection opened, a configuration loaded anew."""

INTERVALS = 2
"""One interval with arrivals may be a deploy step or a pool enlarged once; a second one is a process that goes on."""

GC_PERIOD_MINUTES = 2
"""An idle Go process collects every two minutes (runtime/proc.go, forcegcperiod), and a collection stamps the start of
a wait (runtime/mgcmark.go). Goroutines that began to wait together may therefore print minutes that differ by one;
by two or more they began apart."""

STRETCH_MINUTES = GC_PERIOD_MINUTES
"""What only receives and still has a living parent may be the load that rises just now. Seconds cannot tell: whoever
has arrived has not had the time to leave. Arrivals count in stretches of at least this long, and there must be two, so
that four minutes are watched: then even an idle process has collected twice, and a second look at who stayed is not of
the same rise. Requests and their retries end within it; sessions may not. A judgement."""

LEAST_WAIT_MINUTES = 1
"""Go prints a wait from one minute up. Locks are held for micro- or milliseconds: a printed minute is no contention."""

WIDE = 0.3
"""Share of the process's life, measured in ids, between the 10 % and the 90 % quantile of a group. What a program
starts with its first goroutines lies within a few per cent; what it starts while it serves is spread. A judgement."""

MOST = 0.9
"""More than this share counts as all: one goroutine in ten may be in transit when the world is stopped."""

POOL_ID_GAP = 2.0
"""A pool started in one loop takes one id per goroutine, with gaps for what other processors start meanwhile."""

TIME_LIMITS_MINUTES = (15, 30, 60)
"""Usual lifetimes of sessions, idle connections and caches. Goroutines that only gain for longer than the last of
these are no sessions with a time limit; before, the next limit says when a dump will decide. A judgement."""

AT_LEAST_AFTER_MINUTES = 2
"""A dump sooner than this after the last one shows nothing new: one collection may not have run."""
