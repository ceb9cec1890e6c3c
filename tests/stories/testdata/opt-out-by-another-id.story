An opt-out holds for the person, by whatever id it was said

Ann opts out by her private address. She is the same person at work: the play is stopped there too.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
10:00  user u-ann is identified, also: ann@initech.example
10:01  contact 7 withdraws consent, also: ann@initech.example
12:00  user u-ann views pricing
       => nurture gated:consent_withdrawn, score: 55
