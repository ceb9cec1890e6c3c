Evidence that is too old when it is heard

A look at prices of eight days ago brings the account into the sales band. It is recorded and counted, and acts on nobody;
one of yesterday does.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Company: hooli.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled
12:01  ann@initech.example views pricing, happened: Tuesday 24 February 12:00
       => mql stale, score: 75, because: "the newest evidence is of 24 Feb 2026 17:00 UTC, older than 7d"
12:10  bea@hooli.example is identified, title: CTO
       => hooli.example: nurture enrolled
12:11  bea@hooli.example views pricing, happened: Tuesday 3 March 12:00
       => hooli.example: mql offered, to: ann@handoff.example, score: 75
