Twice, and not this week

The second look at prices comes seven days and an hour after the first: once this week. A third one half an hour later makes
it twice.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 1 April 2026
10:00  ann@initech.example activates
10:05  ann@initech.example sends an invite
10:06  ann@initech.example sends an invite
10:10  ann@initech.example reaches a usage limit
12:00  ann@initech.example views pricing
       => nurture enrolled

Wednesday 8 April 2026
13:00  ann@initech.example views pricing
       => nothing
       => stands, pql: none
13:30  ann@initech.example views pricing
       => pql offered, to: mia@handoff.example, due: 17:30
