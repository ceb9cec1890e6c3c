Unsubscribed, then a demo requested

Who unsubscribed from mail and then asks to be called is called: the rep is told to answer the request and nothing else. No
sequence begins.

About: initech.example

Wednesday 4 March 2026
10:00  ann@initech.example unsubscribes
12:00  ann@initech.example requests a demo
       => hand_raise offered, to: ann@handoff.example, due: 13:00, because: "Unsubscribed from marketing mail: answer the request only."
