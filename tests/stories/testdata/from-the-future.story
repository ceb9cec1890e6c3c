An event from the future is set aside

A tool's clock runs two days ahead. The event goes to quarantine whole, and retried by itself it stays there: its contract is
still broken. Sent again with its right time it counts.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example requests a demo, happened: Friday 6 March 12:00, id: form-1
       => quarantined, code: future_time
12:10  operator retries the quarantine
       => nothing
12:20  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example
