Use of the product falls by half

Five active days in the one fortnight, two in the next: on the day on which that comes true success hears of it, without any
event. Days are counted by UTC, so the day begins at seven in the evening in New York.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: usage_falling
|     mode: live

Monday 5 January 2026
10:00  ann@initech.example subscribes
       => kick_off observed

Tuesday 6 January 2026
10:00  ann@initech.example finishes onboarding

Wednesday 7 January 2026
10:00  ann@initech.example uses a feature

Thursday 8 January 2026
10:00  ann@initech.example uses a feature

Friday 9 January 2026
10:00  ann@initech.example uses a feature

Monday 12 January 2026
10:00  ann@initech.example uses a feature

Tuesday 13 January 2026
10:00  ann@initech.example uses a feature

Tuesday 20 January 2026
10:00  ann@initech.example signs in

Monday 26 January 2026
20:00  time passes
       => usage_falling offered, to: lena@handoff.example, at: 19:00, due: Wednesday 28 January 09:00, because: "used the product on 2 of the last 14 days, after 5 of the 14 before"
