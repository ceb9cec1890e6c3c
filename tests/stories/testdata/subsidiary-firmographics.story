A subsidiary counts for its parent and does not speak for it

Two colleagues at the parent and at its British company are two accounts, until the CRM says that the one belongs to the
other. Then both count for the parent, history included. What is said of the British company, by the provider or later by the
CRM, is not taken for the parent's, which has its own size and industry; what only is said of it is better than nothing.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250
Company: initech-uk.example, name: Initech UK, industry: Retail, employees: 20

Wednesday 4 March 2026
12:00  ann@initech.example attends a webinar
       => nurture enrolled, asset: case-study-saas, score: 40
12:10  bea@initech-uk.example views pricing
       => nothing
       => initech-uk.example: stands, score: 30
12:20  initech.example is updated as an account, also: initech-uk.example
       => nothing
       => belongs, who: bea@initech-uk.example, to: initech.example
       => stands, score: 70, fit: 25, interest: 45
12:30  cy@initech-uk.example is identified, title: CTO
       => mql offered, to: ann@handoff.example, score: 90
12:40  initech-uk.example is updated as an account, industry: Retail, employees: 20, country: GB
       => nothing
       => stands, score: 90, fit: 45
13:00  operator unmerges initech-uk.example from initech.example, why: it was sold
       => initech-uk.example: nurture enrolled, asset: case-study-retail, score: 50
       => stands, score: 40, fit: 25, interest: 15
       => initech-uk.example: stands, fit: 20, interest: 30
