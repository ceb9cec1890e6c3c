Consent withdrawn

Whoever withdrew consent is left alone, and so is nobody else of the company.

About: initech.example

Wednesday 4 March 2026
10:00  ann@initech.example withdraws consent
12:00  ann@initech.example requests a demo
       => hand_raise gated:consent_withdrawn, person: ann@initech.example
12:05  bea@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, person: bea@initech.example
