A dead letter is replayed in time

The accounts cannot be written for an evening. The request is tried for hours, lies dead, and is replayed: the rep gets it
late, and gets it.

About: initech.example

Wednesday 4 March 2026
12:00  score cannot write
12:01  ann@initech.example requests a demo
       => nothing
18:00  time passes
       => dead, letters: 1, of: ScoreFunction
18:01  score can write again
18:02  operator replays the dead letters
       => hand_raise offered, to: ann@handoff.example, due: Thursday 5 March 10:00
       => dead, letters: 0
