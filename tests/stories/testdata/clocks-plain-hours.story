A deadline in plain hours does not heed the clocks

A deadline of 24 hours, not of working hours, is 24 hours: from noon to one in the afternoon when the clocks go forward in
between.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     sla: 24h

Saturday 7 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, due: Sunday 8 March 13:00
