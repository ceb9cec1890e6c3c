A territory goes before the rotation

Companies of a thousand people or more are Ruth's, whatever their country; German ones are Jonas's, who works by Berlin's
clock: at noon in New York he has gone home, so his hour ends at ten the next morning.

About: big.example
Company: big.example, industry: Retail, employees: 1000, country: Germany
Company: klein.example, industry: Retail, employees: 40, country: Germany

Wednesday 4 March 2026
11:55  ann@big.example is identified
11:56  bea@klein.example is identified
       => nothing
12:00  ann@big.example requests a demo
       => hand_raise offered, to: ruth@handoff.example, how: territory, because: "their turn in the territory enterprise"
12:01  bea@klein.example requests a demo
       => klein.example: hand_raise offered, to: jonas@handoff.example, how: territory, due: Thursday 5 March 04:00
