A playbook with a score of its own

Fit gives 15 points, each invite 12, at most three of them, and a look at prices 10: 60 qualify. Two invites and the prices
are 49 of them; the third invite makes it 61. Without the activation that the playbook asks for besides, the same points are
worth nothing.

About: initech.example
Company: initech.example, industry: Retail, employees: 250
Company: hooli.example, industry: Retail, employees: 250
Policy:
| scoring.yaml
| playbooks:
|   - name: team_adoption
|     when: {touch: activated, within: 60d}
|     from: 60
|     fit: {rules: [{rule: 50 employees or more, field: employees, at_least: 50, points: 15}]}
|     usage: {rules: [{rule: Colleagues invited, touch: invite_sent, at_most: 3, within: 30d, points: 12}]}
|     intent: {rules: [{rule: Prices, touch: pricing_viewed, within: 14d, points: 10}]}

Wednesday 4 March 2026
11:00  ann@hooli.example views pricing
       => hooli.example: nurture enrolled
11:01  bea@hooli.example sends an invite
11:02  cid@hooli.example sends an invite
11:03  dan@hooli.example sends an invite
       => nothing
12:00  ann@initech.example activates
12:01  bea@initech.example sends an invite
12:02  cid@initech.example sends an invite
       => stands, pql: none
12:03  ann@initech.example views pricing
       => stands, pql: none
       => nurture enrolled
12:10  dan@initech.example sends an invite
       => pql offered, to: mia@handoff.example, team: growth, due: 16:10
       => stands, pql: team_adoption
       => explain, says: "Playbook team_adoption holds: 61 points of 60 (fit 15, usage 36, intent 10)", says: "Colleagues invited 3 times, last on 4 March"
