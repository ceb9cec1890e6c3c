Gone quiet

Sixty days without a sign of life, and an hour: a lead that was ready for sales is an ordinary one again, and a play that
waits for the silence comes due by itself, on a Sunday, so that its four hours are Monday's.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: wake_up
|     funnel: marketing_automation
|     mode: live
|     outcome: handoff
|     team: sales
|     when: {no_touch_for: 60d}
|     act_within: 2d
|     sla: 4h working

Wednesday 1 April 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
       => stands, stage: MARKETING_QUALIFIED_LEAD
12:10  ann@handoff.example completes hand_raise
       => hand_raise completed

Sunday 31 May 2026
12:59  time passes
       => nurture stale, at: Friday 1 May 13:00
       => stands, stage: MARKETING_QUALIFIED_LEAD
14:00  time passes
       => wake_up offered, to: ann@handoff.example, at: 13:00, due: Monday 1 June 13:00, because: "initech.example has shown no sign of life since 1 April"
       => stands, stage: KNOWN_LEAD
