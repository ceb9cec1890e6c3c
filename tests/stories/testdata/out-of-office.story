Who is out of office is passed over

Ann owns one account and is on leave this week. Both that account and the next in turn go to Sam.

About: initech.example
Policy:
| teams.yaml
| teams:
|   - name: sales
|     members:
|       - name: Ann Ito
|         out: [{from: 2026-03-02, until: 2026-03-06}]

Wednesday 4 March 2026
11:55  initech.example is updated as an account, owner: ann@handoff.example
12:00  joe@initech.example requests a demo
       => hand_raise offered, to: sam@handoff.example, how: rotation, passed over: "ann@handoff.example owns the account in the CRM and is out until 2026-03-06"
12:05  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: sam@handoff.example, passed over: "ann@handoff.example out until 2026-03-06"

Monday 9 March 2026
12:00  zoe@globex.example requests a demo
       => initech.example: hand_raise reminded, by: sam@handoff.example, at: Wednesday 4 March 12:40
       => hooli.example: hand_raise reminded, by: sam@handoff.example, at: Wednesday 4 March 12:45
       => initech.example: hand_raise escalated, by: sales-manager@handoff.example, at: Wednesday 4 March 13:00
       => hooli.example: hand_raise escalated, by: sales-manager@handoff.example, at: Wednesday 4 March 13:05
       => initech.example: hand_raise escalated, by: revops@handoff.example, at: Wednesday 4 March 14:00
       => hooli.example: hand_raise escalated, by: revops@handoff.example, at: Wednesday 4 March 14:05
       => globex.example: hand_raise offered, to: ann@handoff.example
