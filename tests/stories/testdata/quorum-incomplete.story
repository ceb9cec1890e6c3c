A purchase is a quorum

Sales wants no call before four of the six roles of a purchase have been seen. The sales band is reached with one; a finance
chief, who may take two, and somebody who heads a department, complete it, and the call is due.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: mql
|     when: {all: [{band: sales}, {customer: false}, {committee_at_least: 4}]}

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled
12:01  ann@initech.example views pricing
       => nothing
       => stands, score: 75, band: sales, committee: "1 of 6 roles, 0 confirmed: champion, economic buyer, legal, security and finance missing"
12:02  bea@initech.example is identified, title: CFO
       => nothing
       => stands, committee: "3 of 6 roles, 0 confirmed: champion, legal and security missing"
12:03  cy@initech.example is identified, title: Head of Platform
       => mql offered, to: ann@handoff.example, score: 75
       => stands, committee: "4 of 6 roles, 0 confirmed: legal and security missing"
       => explain, says: "4 of 6 roles of the committee: champion (Head of Platform), economic buyer (CFO)"
