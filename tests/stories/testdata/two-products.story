Two products, two funnels, two handoffs open at once

One funnel is everybody's; the other is for those who did something with analytics, and no play of it is due for anybody
else. Who tries analytics after asking for a demo has work open in both: each team has its own, with its own deadline, and
what the one answers leaves the other's alone.

About: initech.example
Policy:
| funnels.yaml
| funnels:
|   - name: analytics
|     active: true
|     for: {pattern: {url: [{wildcard: "*/analytics/*"}]}}
|     stages:
|       - {name: LOOKED, road: awareness, owner: marketing}
|       - name: TRYING
|         road: interest
|         owner: growth
|         when: {touch: [trial_started, feature_used], within: 30d}
|       - name: TALKING
|         road: decision
|         owner: sales
|         gate: {field: employees, at_least: 100}
|         when: {reached: sales}
| plays.yaml
| plays:
|   - name: analytics_trial
|     funnel: analytics
|     mode: live
|     outcome: handoff
|     team: growth
|     when: {touch: trial_started, within: 7d}
|     act_within: 3d
|     sla: 4h working

Wednesday 4 March 2026
11:00  bea@hooli.example starts a trial, url: https://app.example/platform/trial
       => nothing
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, team: sales
       => explain, says: "stage MARKETING_QUALIFIED_LEAD"
12:10  ann@initech.example starts a trial, url: https://app.example/analytics/trial
       => analytics_trial offered, to: mia@handoff.example, team: growth, due: 16:10
       => stands, marketing_automation: MARKETING_QUALIFIED_LEAD, analytics: TRYING
12:20  ann@handoff.example completes hand_raise
       => hand_raise completed
       => explain, says: "MARKETING_QUALIFIED_LEAD (marketing_automation) and TRYING (analytics)", says: "Held back at TRYING by the gate of TALKING: {field: employees, at_least: 100}"
12:30  mia@handoff.example reaches out for analytics_trial
       => analytics_trial first_outreach, state: first_outreach
