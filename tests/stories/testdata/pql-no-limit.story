Product-qualified but for the usage limit

The limit was reached 31 days ago, and the playbook asks for 30 at most.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Sunday 1 March 2026
10:10  ann@initech.example reaches a usage limit

Wednesday 1 April 2026
10:00  ann@initech.example activates
10:05  ann@initech.example sends an invite
10:06  ann@initech.example sends an invite
12:00  ann@initech.example views pricing
       => nurture enrolled
12:30  ann@initech.example views pricing
       => nothing
       => stands, pql: none
