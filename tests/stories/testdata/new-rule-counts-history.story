A new rule counts what happened before it

Reading the docs counts for nothing, until a rule says so. Then what was read before counts too, as all history is folded
again, and the account comes into the sales band by it.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled, score: 45
12:01  ann@initech.example reads the docs
12:02  ann@initech.example reads the docs
       => nothing
       => stands, score: 45
12:10  operator activates a policy, why: who reads the docs is interested
       | scoring.yaml
       | interest:
       |   rules:
       |     - rule: Docs read
       |       touch: docs_viewed
       |       within: 30d
       |       at_most: 2
       |       points: 15
12:15  time passes
       => mql offered, to: ann@handoff.example, score: 75
       => stands, score: 75, rule: Docs read = 30
