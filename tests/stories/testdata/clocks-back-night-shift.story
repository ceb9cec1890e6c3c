The clocks go back inside a night shift

On the night on which the clocks go back, the shift from midnight to five has six hours: six working hours end with it.

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
|     sla: 6h working

Sunday 1 November 2026
00:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 05:00
