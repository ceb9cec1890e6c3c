A job switch that is heard of late moves what was done since

Ann looks at prices on 9 March. On the 11th a tool tells that she has been with Globex since the 8th: that look was Globex's,
and Initech is left with its fit. At Globex, which does not fit, it comes to no play.

About: globex.example
Company: initech.example, industry: SaaS, employees: 250
Company: globex.example, industry: Retail, employees: 40

Monday 2 March 2026
10:00  user u-ann is identified, also: ann@initech.example
       => nothing

Monday 9 March 2026
12:00  user u-ann views pricing
       => initech.example: nurture enrolled, asset: case-study-saas, score: 55

Wednesday 11 March 2026
12:00  user u-ann is identified, also: ann@globex.example, happened: Sunday 8 March 12:00
       => nothing
       => stands, score: 30, band: none
       => belongs, who: user u-ann, to: globex.example, at: Monday 9 March 12:00
       => initech.example: stands, score: 25, rule: Pricing page viewed = nothing
