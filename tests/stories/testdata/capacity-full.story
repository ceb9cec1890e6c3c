When everybody is full the desk takes it

Ann and Sam take one handoff each. The third goes to the desk, so that no buyer waits with nobody told. When Ann has finished
hers, the next is hers.

About: a.example
Policy:
| teams.yaml
| teams:
|   - name: sales
|     members:
|       - name: Ann Ito
|         capacity: 1
|       - name: Sam Ortiz
|         capacity: 1

Wednesday 4 March 2026
12:00  x@a.example requests a demo
       => hand_raise offered, to: ann@handoff.example
12:01  x@b.example requests a demo
       => b.example: hand_raise offered, to: sam@handoff.example
12:02  x@c.example requests a demo
       => c.example: hand_raise offered, to: sales-desk@handoff.example, how: catch_all, due: 13:02, passed over: "ann@handoff.example has 1 of 1 open handoffs"
12:10  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach
12:20  ann@handoff.example completes hand_raise
       => hand_raise completed, state: completed
12:21  x@d.example requests a demo
       => d.example: hand_raise offered, to: ann@handoff.example, how: rotation
