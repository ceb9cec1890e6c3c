Nobody writes to an address that bounced

The interest is there and the address is not: the nurture is stopped, and says why.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
10:00  ann@initech.example bounces
12:00  ann@initech.example views pricing
       => nurture gated:bounced, score: 55, because: "the person's e-mail bounced"
