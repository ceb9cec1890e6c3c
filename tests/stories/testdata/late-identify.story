A visitor who says a name late brings what was done before

Two days before she tells who she is, an engineer looks at prices and attends a webinar on a device that nobody knows. Once
she is identified, both belong to her company, and count: 20 + 15 + 10 of fit, 30 + 15 of interest.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250

Monday 2 March 2026
10:00  visitor v-1 views pricing
       => belongs, who: visitor v-1, to: visitor v-1
10:05  visitor v-1 attends a webinar

Wednesday 4 March 2026
12:00  user u-ann is identified, also: visitor v-1 + ann@initech.example, title: CTO
       => mql offered, to: ann@handoff.example, due: 16:00, score: 90, fit: 45, interest: 45
       => belongs, who: visitor v-1, to: initech.example, at: Monday 2 March 10:00
       => explain, says: "Because the company became known on Wed 4 Mar 17:00, the play mql gave it to Ann Ito of sales", says: "Mon 2 Mar 15:05, ann@initech.example attended a webinar (acme.app)"
