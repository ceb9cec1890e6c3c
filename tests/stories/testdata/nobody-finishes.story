A handoff that nobody finishes closes by itself

The rep called once and nothing more was heard. Thirty days after that outreach the handoff lets go of its place.

About: zoe@gmail.com

Monday 2 March 2026
12:00  zoe@gmail.com requests a demo
       => hand_raise offered, to: ann@handoff.example
12:30  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach

Wednesday 1 April 2026
13:45  time passes
       => hand_raise recycled, at: 13:30, because: "Nobody finished it within 30d of the first outreach"
