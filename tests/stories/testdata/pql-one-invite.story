Product-qualified but for the second invite

One colleague invited is not two. Two invites of which one is older than 30 days are not two either.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Sunday 1 March 2026
10:00  ann@initech.example sends an invite

Wednesday 1 April 2026
10:00  ann@initech.example activates
10:06  ann@initech.example sends an invite
10:10  ann@initech.example reaches a usage limit
12:00  ann@initech.example views pricing
       => nurture enrolled
12:30  ann@initech.example views pricing
       => nothing
       => stands, pql: none
13:00  ann@initech.example sends an invite
       => pql offered, to: mia@handoff.example
