Of two that are held, the newer evidence waits

Two people of Initech ask while the play is on hold. One place, one call: Bea's request is the newer, and waits; of Ann's the
record says what took its place. Let go, it is Bea who is called.

About: initech.example

Wednesday 4 March 2026
11:50  operator sets hand_raise to hold, why: look at them first
12:00  ann@initech.example requests a demo
       => hand_raise held, person: ann@initech.example
12:10  bea@initech.example requests a demo
       => hand_raise outdone, person: ann@initech.example, because: "of newer evidence, waits in its place"
       => hand_raise held, person: bea@initech.example
12:30  operator releases hand_raise, why: they expect us
12:32  time passes
       => hand_raise offered, person: bea@initech.example, to: ann@handoff.example
       => explain, at: 2026-03-04, says: "of newer evidence, waits in its place"
