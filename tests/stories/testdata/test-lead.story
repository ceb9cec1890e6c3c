A test lead is recorded and never acted on

Somebody tries the form out. Everything is counted as for anybody else, and nobody is called.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo, test: yes
       => hand_raise gated:test, because: "this is a test lead"
       => stands, rule: Demo requested = 50
