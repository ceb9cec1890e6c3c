A person who changes jobs takes her own history along from that day

Ann looks at prices as CTO of Initech, which makes a handoff. A week later she works for Globex. What she does from then on
is Globex's; Initech keeps what was done in its time, its score and its handoff.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250
Company: globex.example, name: Globex, industry: Retail, employees: 40

Monday 2 March 2026
10:00  user u-ann is identified, also: ann@initech.example, title: CTO
       => nurture enrolled, asset: case-study-saas, score: 45
10:10  user u-ann views pricing
       => mql offered, to: ann@handoff.example, due: 14:10, score: 75
10:30  ann@handoff.example reaches out for mql
       => mql first_outreach, because: "within 20m0s"

Tuesday 10 March 2026
09:00  user u-ann is identified, also: ann@globex.example, title: CTO
       => globex.example: stands, score: 20
09:10  user u-ann views pricing
       => globex.example: nurture enrolled, asset: case-study-retail, person: ann@globex.example, score: 50
       => globex.example: stands, score: 50, fit: 20, interest: 30
       => stands, score: 75, rule: Technical title = 20, rule: Pricing page viewed = 30
       => belongs, who: user u-ann, to: initech.example, at: Monday 9 March 10:00
       => belongs, who: user u-ann, to: globex.example
       => globex.example: explain, never says: "2 March"
       => ann@globex.example: explain, says: "Until Tuesday, 10 March 2026 user:u-ann, which is now that of ann@globex.example, belonged to initech.example"
       => ann@initech.example: explain, says: "Since Tuesday, 10 March 2026 user:u-ann, which was that of ann@initech.example, belongs to globex.example"
