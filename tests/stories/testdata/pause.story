A play is paused and resumed

Operations stop a play at once, with a reason that every decision then carries. Resumed, it goes on with what is new.

About: initech.example

Wednesday 4 March 2026
12:00  operator pauses hand_raise, why: the form is flooded
12:01  ann@initech.example requests a demo
       => hand_raise paused, because: "operator paused the play on 4 Mar 2026 17:00 UTC: the form is flooded"
12:10  operator resumes hand_raise, why: mended
12:11  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: ann@handoff.example
       => explain, at: 2026-03-04, says: "the form is flooded"
