One person is contacted so often, by whatever play

A nurture and a call are two contacts. The hand-raise play, which asks for at most two in thirty days here, stays away; a
colleague may be called.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     per_person: {max: 2, per: 30d}

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled, person: ann@initech.example
12:01  ann@initech.example views pricing
       => mql offered, person: ann@initech.example
12:02  ann@initech.example requests a demo
       => hand_raise capped, because: "the person was contacted 2 times already, and at most 2 per 30d are allowed"
12:03  bea@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, how: handoff, person: bea@initech.example
