A stage that is overdue

Two days are the stage's own: a lead that asked at noon and that nobody of sales has taken up is overdue at one o'clock two
days later, which is the first whole hour beyond. Whoever answers for the stage is told, not the rep, though nothing new
came. When the lead asks again there is newer evidence, and time begins anew.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: mql_overdue
|     mode: live

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
12:10  ann@handoff.example completes hand_raise
       => hand_raise completed

Friday 6 March 2026
12:59  time passes
       => stands, stage: MARKETING_QUALIFIED_LEAD, plays: hand_raise
13:05  time passes
       => mql_overdue offered, to: eva@handoff.example, team: marketing, at: 13:00, because: "overdue"
       => explain, says: "Overdue at MARKETING_QUALIFIED_LEAD (marketing_automation), for which marketing answers"
13:30  ann@initech.example requests a demo
       => hand_raise offered
       => stands, stage: MARKETING_QUALIFIED_LEAD, plays: hand_raise
