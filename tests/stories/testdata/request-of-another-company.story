A request that turns out to be of another company

Ann asks for a demo; it turns out late that she had joined Globex the day before. One request is one handoff.

About: globex.example
Company: initech.example, industry: SaaS, employees: 250
Company: globex.example, industry: SaaS, employees: 80

Monday 9 March 2026
10:00  user u-ann is identified, also: ann@initech.example, happened: Monday 2 March 10:00
12:00  user u-ann requests a demo
       => initech.example: hand_raise offered, to: ann@handoff.example
12:30  user u-ann is identified, also: ann@globex.example, happened: Sunday 8 March 12:00
       => hand_raise already_open, would go to: ann@handoff.example
12:35  ann@handoff.example reaches out for hand_raise, of: initech.example
       => initech.example: hand_raise first_outreach
