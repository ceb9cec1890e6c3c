A play that suddenly fires too much holds itself

Two an hour is the most that operations allow here. The third trips the breaker, and so the fourth is stopped too, until
somebody looks and resumes the play; what was stopped stays stopped.

About: a.example
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     breaker: {max: 2, per: 1h}

Wednesday 4 March 2026
12:00  x@a.example requests a demo
       => hand_raise offered, to: ann@handoff.example
12:01  x@b.example requests a demo
       => b.example: hand_raise offered, to: ann@handoff.example
12:02  x@c.example requests a demo
       => c.example: hand_raise breaker, because: "more than 2 per 1h"
12:03  x@d.example requests a demo
       => d.example: hand_raise breaker, would go to: sam@handoff.example
12:30  operator resumes hand_raise, why: it was the fair
       => nothing
12:31  x@e.example requests a demo
       => e.example: hand_raise offered, to: sam@handoff.example
