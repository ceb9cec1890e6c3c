What may no longer be worked goes to no other rep

Ann Ito leaves, and her open requests go to others. The one whose company turned out to be a competitor is not among them: a
new rep would call. That handoff is closed, and the record says why.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
12:01  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: ann@handoff.example
12:05  initech.example is updated as an account, competitor: yes
       => nothing
12:10  operator reassigns ann@handoff.example, why: Ann leaves
       => hand_raise recycled, because: "Nobody else got it, as it may no longer be worked: the account is a competitor."
       => hooli.example: hand_raise reassigned, to: sam@handoff.example
12:20  sam@handoff.example reaches out for hand_raise, of: hooli.example
       => hooli.example: hand_raise first_outreach
14:00  time passes
       => nothing
