Asked why nothing was done today, explain says who has it

Ann has had the demo since Wednesday and has accepted it, but not called. On Friday nobody new is contacted, and the answer to
why is that she still has it.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:10  ann@handoff.example accepts hand_raise
       => hand_raise accepted

Friday 6 March 2026
13:00  time passes
       => hand_raise reminded, by: ann@handoff.example, at: Wednesday 4 March 12:40
       => hand_raise escalated, by: sales-manager@handoff.example, at: Wednesday 4 March 13:00
       => hand_raise escalated, by: revops@handoff.example, at: Wednesday 4 March 14:00
       => explain, at: 2026-03-06, says: "Ann Ito has the handoff of hand_raise, accepted; the first outreach was due on Wednesday, 4 March 2026, 2 days ago."
13:10  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
       => explain, at: 2026-03-06, says: "Ann Ito has the handoff of hand_raise and has reached out"
