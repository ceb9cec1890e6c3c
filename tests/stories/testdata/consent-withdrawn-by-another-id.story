A withdrawal ends all that is open about the person, wherever it stands

Ann is called about Initech, and again by her new company's request after she has changed jobs. She withdraws consent in the
CRM, where she is contact 7. Both handoffs are closed; that of her colleague at Globex is not.

About: globex.example

Wednesday 4 March 2026
10:00  contact 7 is updated as a contact, also: ann@initech.example
10:05  ann@initech.example requests a demo
       => initech.example: hand_raise offered, person: ann@initech.example
10:10  bea@globex.example requests a demo
       => hand_raise offered, person: bea@globex.example
10:15  bea@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
10:20  contact 7 is updated as a contact, also: ann@globex.example
10:25  ann@globex.example asks for sales
       => hand_raise already_open, person: ann@globex.example
10:30  contact 7 withdraws consent
       => initech.example: hand_raise recycled, at: 10:30, because: "consent was withdrawn"
12:30  time passes
       => nothing
