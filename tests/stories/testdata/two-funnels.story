Two funnels at once

The account is in the marketing funnel and in that of the request's life cycle. A demo makes a handoff in each, to two teams,
which do not block each other. One team's rejection moves both stages, and leaves the other's handoff open.

About: initech.example
Policy:
| funnels.yaml
| funnels:
|   - name: request_lifecycle
|     active: true
| plays.yaml
| plays:
|   - name: second_product
|     funnel: request_lifecycle
|     mode: live
|     outcome: handoff
|     team: growth
|     when: {touch: demo_requested, within: 2d}
|     act_within: 2d
|     sla: 4h working

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, team: sales, due: 13:00
       => second_product offered, to: mia@handoff.example, team: growth, due: 16:00
       => stands, marketing_automation: MARKETING_QUALIFIED_LEAD, request_lifecycle: QUALIFIED
12:10  mia@handoff.example rejects second_product, reason: no budget
       => second_product rejected, state: rejected
       => stands, marketing_automation: KNOWN_LEAD, request_lifecycle: IDENTIFIED_LEAD
12:20  ann@handoff.example reaches out for hand_raise
       => hand_raise first_outreach, state: first_outreach
