The clocks go forward inside a night shift

A team that works from midnight to five on Sundays has four hours on the night on which the clocks go forward: a deadline of
four working hours that begins at midnight is at five, when the shift ends, not on the next one.

About: initech.example
Policy:
| teams.yaml
| teams:
|   - name: sales
|     hours: 00:00-05:00
|     days: [sun, mon]
| plays.yaml
| plays:
|   - name: hand_raise
|     sla: 4h working

Sunday 8 March 2026
00:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 05:00
