The seam: who pays by card is a customer, and goes to sales all the same

By the subscription the company is a customer, whom no play for new business is for. But nobody of sales ever sold it
anything, and it behaves like a large buyer. Of two such companies the one that bought from sales is left to those who look
after customers.

About: hooli.example
Company: hooli.example, name: Hooli, employees: 900
Company: sold.example, name: Sold, employees: 900
Company: small.example, employees: 40

Monday 2 March 2026
10:00  ann@hooli.example activates
10:01  ann@hooli.example subscribes
10:02  cid@sold.example activates
10:03  deal 7 is opened, of: sold.example
10:04  deal 7 is won, of: sold.example
10:05  bea@small.example activates
10:06  bea@small.example subscribes

Wednesday 4 March 2026
12:00  bea@small.example reaches a usage limit
12:10  cid@sold.example reaches a usage limit
       => nothing
12:30  ann@hooli.example reaches a usage limit
       => seam offered, to: ann@handoff.example, team: sales, due: 16:30, because: "900", because: "usage limit"
       => stands, stage: ACTIVE_CUSTOMER, pql: large_company_self_serve, plays: expansion + kick_off + seam
12:40  ann@hooli.example reaches a usage limit
       => nothing
