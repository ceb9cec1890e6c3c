A competitor asks for a demo

The account is marked as a competitor. Neither its score nor its request makes anybody call.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
10:00  initech.example is updated as an account, competitor: yes
12:00  ann@initech.example requests a demo
       => hand_raise gated:competitor, score: 75, because: "the account is a competitor"
