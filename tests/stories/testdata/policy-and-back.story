A policy changes mid-journey, and back

At 60 points the account is nurtured. Operations lower the sales band to 60: a rep gets it within two minutes, by what was
known already. Half an hour later they go back. The account is in the nurture band again, and the play is quiet.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled, score: 45
12:05  ann@initech.example attends a webinar
       => nothing
       => stands, score: 60, band: nurture
12:10  operator activates a policy, why: sales has time
       | scoring.yaml
       | bands:
       |   - name: sales
       |     from: 60
       => nothing
12:13  time passes
       => mql offered, to: ann@handoff.example, score: 60, band: sales
       => stands, band: sales
12:40  operator rolls back, why: too many
12:43  time passes
       => nurture cooling, stops: "cooling + already_open"
       => stands, score: 60, band: nurture
       => explain, says: "replaced since. The play then:"
