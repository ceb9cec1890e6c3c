A score that fades leaves its band by itself

The points for prices halve every ten days. 75 is the sales band to the point, so six hours later, at 29 of 30 points, the
account is in the nurture band, though nothing happened; and as the rep has declined by then, it is nurtured.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| scoring.yaml
| interest:
|   rules:
|     - rule: Pricing page viewed
|       within: null
|       half_life: 10d

Wednesday 1 April 2026
12:00  visitor v-1 views pricing
12:00:30  ann@initech.example is identified, also: visitor v-1, title: CTO
       => mql offered, to: ann@handoff.example, score: 75, due: 16:00:30
13:00  ann@handoff.example rejects mql, reason: not now
       => mql rejected, because: "not now"
17:59  time passes
       => stands, score: 75, band: sales
20:00  time passes
       => nurture enrolled, at: 18:00, score: 74, asset: case-study-saas
