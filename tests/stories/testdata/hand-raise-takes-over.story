Somebody asks for a demo while the rep has not yet answered what the product told of them

Usage sends Hooli to Ann, who has until half past four. Before she calls, Bea of the same company asks for a demo. That is one
task and not two: the first ends, with the reason, and nobody is told of its deadline. Ann's call is taken as the answer to
the demo, though her CRM still names the task that was closed.

About: hooli.example
Company: hooli.example, name: Hooli, industry: Retail, employees: 900

Wednesday 4 March 2026
12:00  ann@hooli.example activates
12:30  ann@hooli.example reaches a usage limit
       => seam offered, to: ann@handoff.example, due: 16:30
12:40  bea@hooli.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:40, because: "It takes over seam."
13:10  ann@handoff.example reaches out for seam
       => seam recycled, at: 12:40, because: "The play hand_raise has taken it over"
       => hand_raise first_outreach
17:00  time passes
       => nothing
