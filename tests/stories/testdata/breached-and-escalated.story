A deadline that is broken goes up, and the clock stops at the outreach

Nobody reaches out: the rep is reminded after 40 minutes, the manager is told at the deadline, and operations an hour later.
The outreach comes two hours late, and the record says so.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:50  time passes
       => hand_raise reminded, by: ann@handoff.example, at: 12:40
13:30  time passes
       => hand_raise escalated, by: sales-manager@handoff.example, at: 13:00, because: "No outreach by the deadline"
15:00  ann@handoff.example reaches out for hand_raise
       => hand_raise escalated, by: revops@handoff.example, at: 14:00
       => hand_raise first_outreach, because: "2h0m0s after the deadline"
18:00  time passes
       => nothing
