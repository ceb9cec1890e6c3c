A deal that is won is handed over to success

A demo, a call, a deal, a win: success gets it with the story so far, though the account is a customer from then on, whom the
plays for new business leave alone.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: kick_off
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 11:00
10:30  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach

Tuesday 3 March 2026
11:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD
       => nothing
       => stands, stage: SALES_QUALIFIED_LEAD

Wednesday 4 March 2026
12:00  deal 1 is won
       => kick_off offered, to: lena@handoff.example, due: Thursday 5 March 10:00
       => stands, stage: ACTIVE_CUSTOMER
       => worth, deal: deal 1, amount: 9000.00 USD, account: initech.example
       => explain, says: "Who is who: - ann@initech.example", says: "deal crm/1, 9,000.00 USD, won on 4 March", says: "first seen: ann@initech.example asked for a demo", says: "Open with others: - hand raise, ann@handoff.example"
12:10  ann@initech.example views pricing
       => nothing
