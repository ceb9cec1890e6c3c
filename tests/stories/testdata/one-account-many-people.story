Several people make one account

The title of one, the webinar of another and the look at prices of a third are one company's, and come to the sales band
together. A rule counts once, however many engineers there are.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: Software Engineer
       => nurture enrolled, score: 45, person: ann@initech.example
12:01  bea@initech.example is identified, title: Backend Developer
12:02  cy@initech.example attends a webinar
       => nothing
       => stands, score: 60, rule: Technical title = 20
12:03  bea@initech.example views pricing
       => mql offered, score: 90, person: bea@initech.example
