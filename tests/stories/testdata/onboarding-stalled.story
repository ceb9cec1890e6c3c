Two weeks a customer, and onboarding is not finished

Nothing happens, and that is what makes the handoff: an hour after two weeks have passed. Who finished onboarding is left
alone.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: onboarding_stalled
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed
10:05  bea@hooli.example subscribes
       => hooli.example: kick_off observed

Tuesday 10 March 2026
10:00  bea@hooli.example finishes onboarding

Monday 16 March 2026
14:00  time passes
       => onboarding_stalled offered, to: lena@handoff.example, at: 12:00, due: Wednesday 18 March 10:00
