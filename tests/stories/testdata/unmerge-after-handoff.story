A handoff that rested on a wrong merge

Kim's demo request was handed over as Initech's. The merge is undone: the handoff stays with the rep who has it, her request
is not handed over a second time, and the rep's answer still finds it.

About: initech.example

Wednesday 4 March 2026
12:10  user kim is identified, also: kim@gmail.com + initech.example
12:12  user kim requests a demo
       => hand_raise offered, to: ann@handoff.example, person: kim@gmail.com
12:20  operator unmerges user kim from initech.example, why: she is a consultant
       => nothing
       => belongs, who: user kim, to: kim@gmail.com
12:30  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
       => explain, at: 2026-03-04, says: "Who is whom has been set right since. With that the score would have been 0 rather than 50, and hand_raise would not have been due."
       => kim@gmail.com: explain, at: 2026-03-04, says: "At 17:12, hand_raise was decided on about kim@gmail.com, who counted for initech.example then: it went to Ann Ito."
