A rep leaves

Ann leaves the team: from then on the turns are Sam's. What she has is hers until somebody takes it over, and its deadline
stands.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00
12:05  operator activates a policy, why: Ann Ito leaves
       | teams.yaml
       | teams:
       |   - name: sales
       |     members:
       |       - name: Ann Ito
       |         remove: true
12:10  bea@hooli.example requests a demo
       => hooli.example: hand_raise offered, to: sam@handoff.example, due: 13:10
12:11  cy@globex.example requests a demo
       => globex.example: hand_raise offered, to: sam@handoff.example
12:45  time passes
       => hand_raise reminded, by: ann@handoff.example, at: 12:40
