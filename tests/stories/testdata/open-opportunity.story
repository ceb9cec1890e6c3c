Sales is at work already

While a deal is open, no play for new business comes between. Once it is lost, the next request is
answered by whose turn it is.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Monday 2 March 2026
10:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture gated:open_opportunity
12:01  ann@initech.example views pricing
       => mql gated:open_opportunity, score: 75, because: "sales already works on an open opportunity"
       => stands, stage: SALES_QUALIFIED_LEAD
13:00  deal 1 is lost
       => nothing
       => stands, stage: KNOWN_LEAD
14:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
       => stands, stage: MARKETING_QUALIFIED_LEAD
