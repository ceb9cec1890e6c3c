A customer outgrows what it bought

A usage limit that a customer reaches goes to success. Lena works by Berlin's clock: it is six in the evening there, so her
eight hours are those of the next day.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: expansion
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed

Tuesday 3 March 2026
10:00  ann@initech.example finishes onboarding

Wednesday 4 March 2026
12:00  ann@initech.example reaches a usage limit
       => expansion offered, to: lena@handoff.example, team: success, due: Thursday 5 March 10:00, because: "the customer initech.example reached a usage limit on 4 March."
