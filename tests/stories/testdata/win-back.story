A customer who left looks at prices again

Two months of being a customer, a month of silence, then a look at prices: the win-back play calls. A new subscription wins
the account back.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: win_back
|     mode: live

Monday 5 January 2026
10:00  ann@initech.example subscribes
       => kick_off observed
       => stands, stage: ACTIVE_CUSTOMER

Tuesday 6 January 2026
10:00  ann@initech.example finishes onboarding

Monday 2 February 2026
10:00  ann@initech.example cancels the subscription
       => nothing
       => stands, stage: CHURNED

Wednesday 4 March 2026
12:00  ann@initech.example views pricing
       => nurture enrolled, asset: case-study-saas
       => win_back offered, to: ann@handoff.example, due: Thursday 5 March 11:00, score: 55
       => stands, stage: CHURNED
12:30  ann@handoff.example reaches out for win_back
       => win_back first_outreach

Monday 9 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed
       => stands, stage: ACTIVE_CUSTOMER
