A customer's request goes to those who look after customers

A customer asks for a demo: success answers, not new business. Lena works by Berlin's clock, where it is six in the evening:
her hour is the first of the next morning.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: lena@handoff.example, team: success, due: Thursday 5 March 03:00
