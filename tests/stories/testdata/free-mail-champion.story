A champion who writes from a private address

Bob asks for a demo from a free-mail address, so nothing says where he works and he is an account of his own. When he turns
out to be of Initech his handoff goes along: the rep's answer finds it there, and nobody calls a second time.

About: initech.example

Wednesday 4 March 2026
12:00  bob@gmail.com requests a demo
       => bob@gmail.com: hand_raise offered, to: ann@handoff.example, due: 13:00
       => belongs, who: bob@gmail.com, to: bob@gmail.com
12:10  user u-bob is identified, also: bob@gmail.com + initech.example
       => nothing
       => belongs, who: bob@gmail.com, to: initech.example
12:20  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach, because: "within 20m0s"
14:00  time passes
       => nothing
