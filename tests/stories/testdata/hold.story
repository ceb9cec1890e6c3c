A play on hold, and let go

On hold, a decision is recorded and waits for a person. Operations let the play go: from then on it acts on what is new.

About: initech.example

Wednesday 4 March 2026
12:00  operator sets hand_raise to hold, why: nobody is in today
12:01  ann@initech.example requests a demo
       => hand_raise held, would go to: ann@handoff.example, because: "the play is on hold, as operator set it on 4 Mar 2026 17:00 UTC: nobody is in today."
12:30  operator sets hand_raise to live, why: back
12:31  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
