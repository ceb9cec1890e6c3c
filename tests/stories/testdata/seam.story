A self-serve user inside a large company

Nobody asked for anything: somebody activated the product, and reached a limit. That the company has 900 people makes it
business for sales, not for the team that looks after product users, and the reason says both.

About: hooli.example
Company: hooli.example, name: Hooli, industry: Retail, employees: 900
Company: small.example, industry: Retail, employees: 40
Policy:
| plays.yaml
| plays:
|   - name: pql
|     when: {all: [{pql: product_qualified}, {customer: false}]}
|   - name: seam
|     funnel: marketing_automation
|     mode: live
|     outcome: handoff
|     team: sales
|     wait_for_enrichment: true
|     when: {all: [{pql: large_company_self_serve}, {customer: false}]}
|     act_within: 3d
|     cool_down: 30d
|     sla: 4h working

Wednesday 4 March 2026
12:00  ann@hooli.example signs up
12:05  ann@hooli.example activates
12:10  bea@small.example activates
12:11  bea@small.example reaches a usage limit
       => nothing
12:30  ann@hooli.example reaches a usage limit
       => seam offered, to: ann@handoff.example, team: sales, due: 16:30, because: "Employees at least 500: 900; activated on 4 March", because: "usage limit reached on 4 March"
       => stands, pql: large_company_self_serve, motion: product_led, score: 15
