The cap outlives an unmerge

One call in thirty days is all that this play allows. Kim was called as one of Initech; that she is parted from it makes her
nobody new.

About: kim@gmail.com
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     per_person: {max: 1, per: 30d}
|     cool_down: 1m

Wednesday 4 March 2026
12:10  user kim is identified, also: kim@gmail.com + initech.example
12:12  user kim requests a demo
       => initech.example: hand_raise offered, to: ann@handoff.example, person: kim@gmail.com
12:15  ann@handoff.example completes hand_raise, of: initech.example
       => initech.example: hand_raise completed
12:20  operator unmerges user kim from initech.example, why: she is a consultant
       => nothing
12:30  user kim requests a demo
       => hand_raise capped, because: "the person was contacted once already, and at most 1 per 30d are allowed"
       => explain, at: 2026-03-04, says: "Stopped (capped): the person was contacted once already"
12:40  bea@initech.example requests a demo
       => initech.example: hand_raise offered, person: bea@initech.example
