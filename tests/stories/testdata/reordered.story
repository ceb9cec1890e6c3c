An answer that is heard before the question

The rep's call is heard of before the request that it answers. It is kept, and taken when the handoff is made: the clock
never runs.

About: initech.example

Wednesday 4 March 2026
12:03  ann@handoff.example reaches out for hand_raise
       => hand_raise early
12:05  ann@initech.example requests a demo, happened: 12:01
       => hand_raise offered, to: ann@handoff.example
       => hand_raise first_outreach
14:00  time passes
       => nothing
