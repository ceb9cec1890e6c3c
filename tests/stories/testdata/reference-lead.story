The reference lead scores 90 and goes to sales

A senior software engineer of a SaaS company of 250 people attends a webinar and looks at prices: 20 for the title, 15 for
the size, 10 for the industry, 15 for the webinar, 30 for the prices. At 45 a case study of her industry is sent, at 60
nothing new is due, at 90 a rep takes over, who has four working hours.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250, country: United States

Wednesday 4 March 2026
12:00  ann@initech.example is identified, name: Ann Lee, title: Senior Software Engineer
       => nurture enrolled, asset: case-study-saas, score: 45
12:01  ann@initech.example attends a webinar
       => nothing
12:02  ann@initech.example views pricing
       => mql offered, to: ann@handoff.example, how: rotation, team: sales, due: 16:02, score: 90, band: sales
       => stands, score: 90, fit: 45, interest: 45, quadrant: high/high, stage: MARKETING_QUALIFIED_LEAD
       => stands, rule: Technical title = 20, rule: More than 50 employees = 15, rule: Industry SaaS = 10
       => stands, rule: Pricing page viewed = 30, rule: Webinar attended = 15, rule: Demo requested = nothing
       => explain, says: "Because Ann Lee (Senior Software Engineer) viewed pricing", says: "Did not count: Demo requested."
