A request on Saturday waits for Monday

The hour begins when the team does.

About: initech.example

Saturday 28 March 2026
14:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: Monday 30 March 10:00
