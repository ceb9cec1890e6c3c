As known then, and as known now

A look at prices from before the request is heard three hours after it. What was decided then rests on what was known then;
now it would have been 115 points rather than 85, and explain says both.

About: initech.example

Tuesday 3 March 2026
12:00  ann@initech.example attends a webinar, title: CTO, name: Ann Lee

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, score: 85
12:25  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
15:00  ann@initech.example views pricing, happened: 11:00
       => nothing
       => explain, at: 2026-03-04, says: "recorded 4 hours later", says: "With them the score would have been 115 rather than 85; hand_raise would have been due all the same."
       => explain, at: 2026-03-04, as known: 14:00, never says: "115"
