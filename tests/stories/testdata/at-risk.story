Several bad signs of a customer come together

A payment that fails is none of success's business by itself, and neither is a mail that bounces. Both within a fortnight are.

About: initech.example
Company: initech.example, name: Initech, industry: SaaS, employees: 250
Policy:
| plays.yaml
| plays:
|   - name: at_risk
|     mode: live

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => nothing

Monday 16 March 2026
12:00  ann@initech.example fails to pay an invoice
       => nothing

Wednesday 18 March 2026
12:00  bea@initech.example bounces
       => at_risk offered, to: lena@handoff.example, because: "bea@initech.example could not be reached by e-mail on 18 March"
