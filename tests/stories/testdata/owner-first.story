Whoever owns the account comes first

The CRM says that Sam owns the account, so it is his, though it is Ann's turn and the account is of Ruth's size.

About: initech.example
Company: initech.example, employees: 2000

Wednesday 4 March 2026
11:55  initech.example is updated as an account, owner: 005Hn00000SamOrt1A
       => nothing
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: sam@handoff.example, how: owner, due: 13:00, because: "owns the account in the CRM"
