A withdrawal that is heard after a later consent ends nothing

Ann withdrew consent, thought better of it and gave it again; then she asks for a demo. Of the withdrawal we hear last. Her last
word is yes, and she is called.

About: initech.example

Wednesday 4 March 2026
11:00  ann@initech.example gives consent
11:30  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 12:30
11:40  ann@initech.example withdraws consent, happened: 10:30
       => nothing
12:20  ann@handoff.example reaches out for hand_raise
       => hand_raise reminded, by: ann@handoff.example, at: 12:10
       => hand_raise first_outreach, because: "within 50m0s"
12:30  ann@initech.example withdraws consent, happened: 12:25
       => hand_raise recycled, at: 12:30, because: "consent was withdrawn on 4 Mar 2026 17:25 UTC"
18:00  time passes
       => nothing
