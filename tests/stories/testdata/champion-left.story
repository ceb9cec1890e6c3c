Mail to a champion bounces

Mail to somebody at a customer comes back: success is told to look who is there now. The gate that keeps anybody from writing
to a dead address does not stand in the way of that.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: champion_left
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed

Wednesday 4 March 2026
10:00  ann@initech.example bounces
       => champion_left offered, to: lena@handoff.example, due: Friday 6 March 08:00
