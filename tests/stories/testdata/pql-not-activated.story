Product-qualified but for the activation

Two invites, a usage limit and two looks at prices within the week do not qualify a product that was never activated.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 1 April 2026
10:05  ann@initech.example sends an invite
10:06  ann@initech.example sends an invite
10:10  ann@initech.example reaches a usage limit
12:00  ann@initech.example views pricing
       => nurture enrolled
12:30  ann@initech.example views pricing
       => nothing
       => stands, pql: none
