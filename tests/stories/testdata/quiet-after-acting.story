A play is quiet for a day after it was finished

Somebody who asks again an hour after a handoff was completed is not handed over once more; a day later they are.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
10:10  ann@handoff.example completes hand_raise
       => hand_raise completed
11:00  ann@initech.example requests a demo
       => hand_raise cooling, because: "the play is quiet for this account until 3 Mar 2026 15:10 UTC"

Tuesday 3 March 2026
10:10  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
