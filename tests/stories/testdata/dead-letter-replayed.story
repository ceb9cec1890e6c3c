A dead letter is replayed in time

The accounts cannot be written for hours. The request is tried again and again, lies dead, and is replayed in the evening:
it goes to the rep who is still at work, in Los Angeles.

About: initech.example

Wednesday 4 March 2026
12:00  score cannot write
12:01  ann@initech.example requests a demo
       => nothing
18:00  time passes
       => dead, letters: 1, of: ScoreFunction
18:01  score can write again
18:02  operator replays the dead letters
       => hand_raise offered, to: sam@handoff.example, due: 19:02, passed over: "ann@handoff.example works from Thu 09:00, after the deadline of others"
       => dead, letters: 0
