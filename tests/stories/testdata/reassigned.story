A rep leaves, and the open work goes to others

Ann leaves with two requests open. They go to Sam, who is the only other one of the rotation: the deadlines stay those that the
buyers were given, and it is he who is reminded and who answers.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:05  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: ann@handoff.example, due: 13:05
12:10  operator reassigns ann@handoff.example, why: Ann leaves
       => hand_raise reassigned, to: sam@handoff.example, due: 13:00
       => hooli.example: hand_raise reassigned, to: sam@handoff.example, due: 13:05
12:42  sam@handoff.example reaches out for hand_raise
       => hand_raise reminded, by: sam@handoff.example, at: 12:40
       => hand_raise first_outreach, by: sam@handoff.example
12:44  sam@handoff.example reaches out for hand_raise, of: hooli.example
       => hooli.example: hand_raise first_outreach
