Who asks for a call gets one, whatever the score

A person of whom nothing is known but a free-mail address requests a demo. 50 points are the nurture band; the request beats it.

About: zoe@gmail.com

Wednesday 4 March 2026
12:00  zoe@gmail.com requests a demo
       => hand_raise offered, to: ann@handoff.example, team: sales, score: 50, band: nurture, because: "zoe@gmail.com asked for a demo on 4 March; score 50."
