The rotation heeds weights

Ann has twice Sam's weight: of six requests she takes four and he two, never two behind. Sam works in Los Angeles, where it
is eight in the morning: his hour begins at nine there, noon in New York.

About: a.example

Wednesday 4 March 2026
11:00  x@a.example requests a demo
       => a.example: hand_raise offered, to: ann@handoff.example, how: rotation, due: 12:00
11:01  x@b.example requests a demo
       => b.example: hand_raise offered, to: ann@handoff.example, due: 12:01
11:02  x@c.example requests a demo
       => c.example: hand_raise offered, to: sam@handoff.example, how: rotation, due: 13:00
11:03  x@d.example requests a demo
       => d.example: hand_raise offered, to: ann@handoff.example
11:04  x@e.example requests a demo
       => e.example: hand_raise offered, to: ann@handoff.example
11:05  x@f.example requests a demo
       => f.example: hand_raise offered, to: sam@handoff.example, passed over: "ann@handoff.example not their turn (4 taken at weight 2)"
