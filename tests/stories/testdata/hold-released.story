What is held is released

On hold, a decision waits for a person's word. Half an hour later it is let go, and the rep gets it; the deadline counts from
then. A second one is dropped, and a third is forgotten until its evidence is two days old.

About: initech.example

Wednesday 4 March 2026
11:50  operator sets hand_raise to hold, why: look at them first
12:00  ann@initech.example requests a demo
       => hand_raise held, would go to: ann@handoff.example
12:30  operator releases hand_raise, why: a good one
12:35  time passes
       => hand_raise offered, to: ann@handoff.example, at: 12:30, due: 13:30, because: "operator released it on 4 Mar 2026 17:30 UTC: a good one."
12:36  bea@hooli.example requests a demo
       => hooli.example: hand_raise held
12:37  operator drops hand_raise, why: a student
12:39  time passes
       => hooli.example: hand_raise declined, by: operator, because: "a student"
       => hooli.example: explain, at: 2026-03-04, says: "Stopped (declined): operator dropped it on 4 Mar 2026 17:37 UTC: a student."
       => explain, at: 2026-03-04, says: "It went to Ann Ito of sales: their turn in the rotation; operator released it on 4 Mar 2026 17:30 UTC: a good one."
12:40  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
12:50  zoe@globex.example requests a demo
       => globex.example: hand_raise held

Friday 6 March 2026
13:00  time passes
       => globex.example: hand_raise stale, because: "nobody released it by 6 Mar 2026 17:50 UTC"
       => globex.example: explain, at: 2026-03-04, says: "Stopped (stale): it was held, and nobody released it by 6 Mar 2026 17:50 UTC, when its evidence became too old."

Monday 9 March 2026
10:00  operator sets nurture to hold, why: the copy is old
10:05  cy@initech.test attends a webinar, title: CTO
       => nothing
10:10  cy@initech.test views pricing
       => initech.test: nurture held
       => initech.test: explain, says: "The play nurture was due, and waits for handoff release: the play is on hold"
10:20  operator releases nurture, why: the copy is new
10:25  time passes
       => initech.test: nurture enrolled, because: "operator released it on 9 Mar 2026 14:20 UTC: the copy is new."
       => initech.test: explain, says: "nurture: enrolled in a nurture sequence, after it was held, on Mon 9 Mar 14:2", says: "It was held: operator released it on 9 Mar 2026 14:20 UTC: the copy is new."
