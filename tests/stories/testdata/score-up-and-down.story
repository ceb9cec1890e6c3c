A score that goes up, down and up again

With prices counted for seven days only, the sales band is left a week after the look and reached again by the next one. That
is news, so it is decided anew; but the play was finished less than 30 days ago and is quiet.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| scoring.yaml
| interest:
|   rules:
|     - rule: Pricing page viewed
|       within: 7d

Wednesday 1 April 2026
10:00  ann@initech.example is identified, title: CTO
       => nurture enrolled, score: 45
10:30  ann@initech.example views pricing
       => mql offered, to: ann@handoff.example, score: 75
11:00  ann@handoff.example reaches out for mql
       => mql first_outreach
11:30  ann@handoff.example completes mql
       => mql completed

Wednesday 8 April 2026
10:59  time passes
       => stands, score: 75, band: sales
11:59  time passes
       => nurture cooling, at: 11:00, because: "the play is quiet for this account until 30 Jun 2026 14:00 UTC"
       => stands, score: 45, band: nurture

Thursday 9 April 2026
10:00  ann@initech.example views pricing
       => mql cooling, score: 75, because: "the play is quiet for this account until 1 May 2026 15:30 UTC"
       => stands, score: 75, band: sales
