An owner of another team is named and passed over

The account is owned by somebody who is not in sales. The turn decides, and the record says who was passed over and why.

About: initech.example

Wednesday 4 March 2026
11:55  initech.example is updated as an account, owner: lena@handoff.example
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, how: rotation, passed over: "lena@handoff.example owns the account in the CRM and is not of the team sales"
