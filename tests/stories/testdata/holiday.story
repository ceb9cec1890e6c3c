Nobody works on a holiday

A demo is requested on the evening before Thanksgiving. The team is off on Thursday and Friday, and on the weekend: the rest
of its hour is on Monday.

About: initech.example

Wednesday 25 November 2026
17:45  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: Monday 30 November 09:45
