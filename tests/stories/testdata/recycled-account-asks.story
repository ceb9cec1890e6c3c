Rejected once, and asking now

A rejection sends the account back a stage for thirty days. A request of the buyer's own beats it.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
10:10  ann@handoff.example rejects hand_raise, reason: student
       => hand_raise rejected, because: "student"
       => stands, stage: KNOWN_LEAD

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
       => stands, stage: MARKETING_QUALIFIED_LEAD
