A job switch that is heard of late, where the play holds at both companies

Ann looks at prices on 9 March, and Initech is handed over for it. Then a tool tells that she has been with Globex since the
8th, where the same look is as good. It was acted on once, and is not acted on again.

About: globex.example
Company: initech.example, industry: SaaS, employees: 250
Company: globex.example, industry: SaaS, employees: 80

Monday 2 March 2026
10:00  user u-ann is identified, also: ann@initech.example
       => nothing

Monday 9 March 2026
12:00  user u-ann views pricing
       => initech.example: nurture enrolled, asset: case-study-saas, score: 55

Wednesday 11 March 2026
12:00  user u-ann is identified, also: ann@globex.example, happened: Sunday 8 March 12:00
       => nurture already_open, because: "the same evidence was acted on before, for account:initech.example"
       => stands, score: 55
