Rejected by a rep, and back when there is reason to

A rep finds it too early: the account goes back a stage. Five weeks later it looks at prices again, and another play takes it
up.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: recycled
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example is identified, title: CTO
       => nurture enrolled
10:05  ann@initech.example views pricing
       => mql offered, to: ann@handoff.example, due: 14:05
       => stands, stage: MARKETING_QUALIFIED_LEAD
11:00  ann@handoff.example rejects mql, reason: too early
       => mql rejected, by: ann@handoff.example, because: "too early", state: rejected
       => stands, stage: KNOWN_LEAD
       => explain, says: "Ann Ito rejected it: too early"

Wednesday 8 April 2026
12:00  ann@initech.example views pricing
       => recycled offered, to: ann@handoff.example, due: Thursday 9 April 11:00
       => stands, stage: MARKETING_QUALIFIED_LEAD
