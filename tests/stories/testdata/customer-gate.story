A customer is left to those who look after customers

Where the hand-raise play is for new business alone, a customer who requests a demo is stopped, and everything that stood
against it is told.

About: initech.example
Policy:
| plays.yaml
| plays:
|   - name: hand_raise
|     despite: null
|     customer_team: null

Monday 2 March 2026
10:00  ann@initech.example subscribes
       => kick_off observed, would go to: lena@handoff.example

Wednesday 4 March 2026
11:00  ann@initech.example unsubscribes
12:00  ann@initech.example requests a demo
       => hand_raise gated:unsubscribed, stops: "gated:unsubscribed + gated:customer"
12:05  bea@initech.example requests a demo
       => hand_raise gated:customer, stops: gated:customer
