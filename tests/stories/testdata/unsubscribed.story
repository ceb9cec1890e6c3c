Unsubscribed

Who unsubscribed is put into no sequence and called by nobody, at no score; explain says so. Once consent is given again, the
next request is answered.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
10:00  ann@initech.example unsubscribes
12:00  ann@initech.example is identified, title: CTO
       => nurture gated:unsubscribed, because: "the person unsubscribed"
12:01  ann@initech.example views pricing
       => mql gated:unsubscribed, would go to: ann@handoff.example, score: 75
       => explain, at: 2026-03-04, says: "Stopped (gate unsubscribed): the person unsubscribed."
12:05  ann@initech.example gives consent
       => nothing
12:10  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
