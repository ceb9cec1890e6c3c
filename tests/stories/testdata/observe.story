A play that observes says what it would have done

A play begins in observe mode: nobody is contacted, and everything is recorded, whom it would have called included.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     mode: observe

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise observed, would go to: ann@handoff.example, because: "It would go to ann@handoff.example of sales (their turn in the rotation), but the play only observes."
13:30  time passes
       => nothing
