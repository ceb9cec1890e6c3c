An event that comes again changes nothing

The same request is delivered three times, days apart: one touch, one decision, one handoff.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo, id: form-1
       => hand_raise offered, to: ann@handoff.example
12:01  event form-1 comes again
       => nothing
12:10  ann@handoff.example reaches out for hand_raise, id: call-1
       => hand_raise first_outreach
12:11  event call-1 comes again
       => nothing
12:20  ann@handoff.example completes hand_raise
       => hand_raise completed

Friday 6 March 2026
12:00  event form-1 comes again
       => nothing
       => stands, rule: Demo requested = 50
