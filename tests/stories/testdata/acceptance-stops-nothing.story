To accept is not to call

The rep accepts after ten minutes and is reminded all the same. The outreach after 50 minutes stops the clock: nobody is told
at the deadline.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:10  ann@handoff.example accepts hand_raise
       => hand_raise accepted, state: accepted
       => stands, stage: SALES_QUALIFIED_LEAD
12:50  ann@handoff.example reaches out for hand_raise
       => hand_raise reminded, by: ann@handoff.example, at: 12:40
       => hand_raise first_outreach, because: "within 50m0s"
15:00  time passes
       => nothing
