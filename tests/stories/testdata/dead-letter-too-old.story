A dead letter is replayed too late to act

The same, and five days pass. The replay completes the record, and nobody is called about last week's request.

About: initech.example

Wednesday 4 March 2026
12:00  route cannot write
12:01  ann@initech.example requests a demo
       => nothing

Monday 9 March 2026
12:00  time passes
       => dead, letters: 1, of: RouteFunction
12:01  route can write again
12:02  operator replays the dead letters
       => hand_raise stale, because: "older than 2d"
       => dead, letters: 0
