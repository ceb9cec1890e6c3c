One rep's work is given to another by name

The manager wants Ruth to take over, who has another territory. What was closed stays closed.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:05  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: ann@handoff.example
12:06  ann@handoff.example completes hand_raise, of: hooli.example
       => hooli.example: hand_raise completed
12:10  operator reassigns ann@handoff.example to ruth@handoff.example, why: Ruth knows them
       => hand_raise reassigned, to: ruth@handoff.example, how: named, due: 13:00
12:20  ruth@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
