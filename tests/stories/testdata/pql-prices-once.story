Product-qualified but for the second look at prices

Activated, two invites, a limit, and prices looked at once: the points are those of a nurture, and no more is due.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 1 April 2026
10:00  ann@initech.example activates
10:05  ann@initech.example sends an invite
10:06  ann@initech.example sends an invite
10:10  ann@initech.example reaches a usage limit
12:00  ann@initech.example views pricing
       => nurture enrolled
       => stands, pql: none, score: 55, band: nurture
