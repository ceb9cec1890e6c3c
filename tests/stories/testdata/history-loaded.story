History is loaded, and nobody is contacted

Two years of exports come in on one afternoon, some of them as of last week. Everything is known afterwards, and nobody is
called: a demo of last week is no request of today, and what reached the sales band did so on evidence that is too old.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO, happened: 3 June 2024 10:00
       => nurture stale, because: "older than 14d"
12:00  ann@initech.example attends a webinar, happened: 10 January 2026 10:00
12:00  ann@initech.example views pricing, happened: 11 January 2026 10:00
       => mql stale, score: 90, would go to: ann@handoff.example, because: "older than 7d"
12:01  bea@initech.example requests a demo, happened: 24 February 2026 10:00
       => nothing
       => stands, score: 140, band: sales
       => explain, at: 2026-03-04, says: "nobody was contacted"
