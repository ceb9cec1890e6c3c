A deal is lost

The account falls back to a lead. A request puts it forward again at once.

About: initech.example

Monday 2 March 2026
10:00  ann@initech.example is identified
11:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD
       => stands, stage: SALES_QUALIFIED_LEAD

Wednesday 4 March 2026
12:00  deal 1 is lost
       => nothing
       => stands, stage: KNOWN_LEAD
12:30  ann@initech.example asks for sales
       => hand_raise offered, to: ann@handoff.example, because: "ann@initech.example asked to talk to sales on 4 March."
       => stands, stage: MARKETING_QUALIFIED_LEAD
