A deadline in plain hours when the clocks go back

A deadline of 24 hours, not of working hours, that begins at noon on the day before the clocks go back ends at eleven.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     sla: 24h

Saturday 31 October 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, due: Sunday 1 November 11:00
