The clocks go forward while a buyer waits

A demo is requested on Friday half an hour before the team goes home. The hour that the team has is half an hour of Friday
and half an hour of Monday, by the clocks on the wall, which went forward on Sunday.

About: initech.example

Friday 6 March 2026
17:30  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: Monday 9 March 09:30

Monday 9 March 2026
11:00  time passes
       => hand_raise reminded, by: ann@handoff.example, at: 09:10
       => hand_raise escalated, by: sales-manager@handoff.example, at: 09:30
       => hand_raise escalated, by: revops@handoff.example, at: 10:30
