Whoever withdraws consent is not called after all

Ann asks for a demo and withdraws consent before anybody has called. Her handoff is closed at once, with the reason, and
nobody is reminded of it; that of her colleague stays. The rep who had it is free for the next.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, person: ann@initech.example
12:05  ann@handoff.example accepts hand_raise
       => hand_raise accepted
12:10  ann@initech.example withdraws consent
       => hand_raise recycled, at: 12:10, person: ann@initech.example, state: recycled, because: "It may no longer be worked: consent was withdrawn on 4 Mar 2026 17:10 UTC."
       => explain, at: 2026-03-04, says: "consent was withdrawn"
12:20  bea@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, person: bea@initech.example, due: 13:20
12:30  ann@initech.example requests a demo
       => hand_raise gated:consent_withdrawn, person: ann@initech.example
12:40  ann@initech.example withdraws consent
       => nothing
12:45  bea@handoff.example reaches out for hand_raise, of: initech.example
       => hand_raise first_outreach
16:00  time passes
       => nothing
