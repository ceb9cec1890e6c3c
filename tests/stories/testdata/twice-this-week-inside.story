Twice this week, the first time exactly seven days ago

Everything but the second look at prices is there for a product-qualified lead. It comes seven days after the first, to the
hour: a window includes its edge, so it is twice this week.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 1 April 2026
10:00  ann@initech.example activates
10:05  ann@initech.example sends an invite
10:06  ann@initech.example sends an invite
10:10  ann@initech.example reaches a usage limit
12:00  ann@initech.example views pricing
       => nurture enrolled, asset: case-study-saas, score: 55
       => stands, pql: none

Wednesday 8 April 2026
12:00  ann@initech.example views pricing
       => pql offered, to: mia@handoff.example, team: growth, due: 16:00, because: "viewed pricing twice between 1 and 8 April"
       => stands, pql: product_qualified, motion: product_led, stage: MARKETING_QUALIFIED_LEAD
