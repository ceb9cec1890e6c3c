A self-serve user inside a large company

Nobody asked for anything: somebody activated the product, and reached a limit. That the company has 900 people makes it
business for a rep, and the reason says both.

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
       => pql offered, to: mia@handoff.example, team: growth, due: 16:30, because: "usage limit reached on 4 March"
       => stands, pql: large_company_self_serve, motion: product_led, score: 15
