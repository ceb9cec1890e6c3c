The seam: who pays by card is a customer, and goes to sales all the same

By the subscription the company is a customer, whom no play for new business is for. But nobody of sales ever sold it
anything, and it behaves like a large buyer. One team calls it: what the seam takes is no expansion of success's. The company
that bought from sales, and the small one that pays by card, are left to those who look after customers.

About: hooli.example
Company: hooli.example, name: Hooli, employees: 900
Company: sold.example, name: Sold, employees: 900
Company: small.example, employees: 40
Policy:
| plays.yaml
| plays:
|   - name: expansion
|     mode: live

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
       => small.example: expansion offered, to: lena@handoff.example, team: success
       => small.example: stands, plays: expansion + kick_off
12:10  cid@sold.example reaches a usage limit
       => sold.example: expansion offered, to: raj@handoff.example, team: success
       => sold.example: stands, plays: expansion + kick_off
12:30  ann@hooli.example reaches a usage limit
       => seam offered, to: ann@handoff.example, team: sales, due: 16:30, because: "900", because: "usage limit"
       => stands, stage: ACTIVE_CUSTOMER, pql: large_company_self_serve, plays: kick_off + seam
12:40  ann@hooli.example reaches a usage limit
       => nothing
