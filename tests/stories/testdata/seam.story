A self-serve user inside a large company

Nobody asked for anything: somebody activated the product, and reached a limit. That the company has 900 people makes it
business for sales, not for the team that looks after product users, and the reason says both.

About: hooli.example
Company: hooli.example, name: Hooli, industry: Retail, employees: 900
Company: small.example, industry: Retail, employees: 40

Wednesday 4 March 2026
12:00  ann@hooli.example signs up
12:05  ann@hooli.example activates
12:10  bea@small.example activates
12:11  bea@small.example reaches a usage limit
       => nothing
12:30  ann@hooli.example reaches a usage limit
       => seam offered, to: ann@handoff.example, team: sales, due: 16:30, because: "900", because: "usage limit"
       => stands, pql: large_company_self_serve, motion: product_led, score: 15
       => explain, says: "Signal outgrows_self_serve: Usage limit reached on 4 March"
