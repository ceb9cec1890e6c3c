Product-led, sales-led, both

Who signs up is product-led. Once somebody of the account asks for sales it is hybrid, which is most of the market.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example signs up
       => stands, motion: product_led, stage: KNOWN_LEAD
12:10  bea@initech.example asks for sales
       => hand_raise offered, to: ann@handoff.example, person: bea@initech.example
       => stands, motion: hybrid
