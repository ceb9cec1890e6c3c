A star is no sign of life

Sixty days after the last thing that a person of the account did, it is quiet, whatever was heard of the company meanwhile: a
repository starred, a funding round. Neither makes old evidence new: the play that waits for the silence comes due.

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

Thursday 2 April 2026
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
12:10  ann@handoff.example completes hand_raise
       => hand_raise completed

Wednesday 27 May 2026
12:00  initech.example stars a repository
       => nurture stale, at: Saturday 2 May 13:00
12:05  initech.example raises funding

Monday 1 June 2026
12:59  time passes
       => stands, stage: MARKETING_QUALIFIED_LEAD
14:00  time passes
       => wake_up offered, to: ann@handoff.example, at: 13:00, due: 17:00, because: "no sign of life since 2 April"
       => stands, stage: KNOWN_LEAD
