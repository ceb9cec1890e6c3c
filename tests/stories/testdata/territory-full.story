A territory that has nobody free leaves the account to the rotation

Ruth works the enterprise territory alone and takes one handoff at a time. The second large company goes to the rotation, and
it says why.

About: big.example
Company: big.example, employees: 2000
Company: large.example, employees: 3000
Policy:
| teams.yaml
| teams:
|   - name: sales
|     members:
|       - name: Ruth Adeyemi
|         capacity: 1

Wednesday 4 March 2026
11:55  ann@big.example is identified
11:56  bea@large.example is identified
12:00  ann@big.example requests a demo
       => hand_raise offered, to: ruth@handoff.example, how: territory
12:01  bea@large.example requests a demo
       => large.example: hand_raise offered, to: ann@handoff.example, how: rotation, passed over: "ruth@handoff.example has 1 of 1 open handoffs", passed over: "territory enterprise claims the account and has nobody free"
