A customer's request goes to those who look after customers

A customer asks for a demo: success answers, not new business. It is Lena's turn, but she works by Berlin's clock, where it is
six in the evening; Raj is at work and has an hour.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: raj@handoff.example, team: success, due: 13:00, passed over: "lena@handoff.example works from Thu 08:00, after the deadline of others"
