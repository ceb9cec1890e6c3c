A renewal comes near: ninety, sixty and thirty days

On each of the three days success gets the account, without any event. Days begin at eight in the evening in New York, by
UTC. The first is Lena's, by Berlin's clock; the second Raj's, whose team is off on 3 July; the third Lena's again.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: renewal_90
|     mode: live
|   - name: renewal_60
|     mode: live
|   - name: renewal_30
|     mode: live

Monday 1 June 2026
10:00  ann@initech.example subscribes
       => kick_off observed
10:05  initech.example is updated as an account, renewal_date: 2026-09-01
10:10  ann@initech.example finishes onboarding
       => nothing

Wednesday 3 June 2026
06:00  lena@handoff.example reaches out for renewal_90
       => renewal_90 offered, to: lena@handoff.example, at: Tuesday 2 June 20:00, due: Tuesday 9 June 06:00, because: "in 90 days"
       => renewal_90 first_outreach
06:30  lena@handoff.example completes renewal_90
       => renewal_90 completed

Monday 6 July 2026
10:00  raj@handoff.example reaches out for renewal_60
       => renewal_60 offered, to: raj@handoff.example, at: Thursday 2 July 20:00, due: Wednesday 8 July 14:00
       => renewal_60 first_outreach
10:30  raj@handoff.example completes renewal_60
       => renewal_60 completed

Saturday 1 August 2026
21:00  time passes
       => renewal_30 offered, to: lena@handoff.example, at: 20:00, due: Monday 3 August 10:00
