A company that is known by its name alone

Three people write from private addresses and name their companies. One name is that of one company, whatever its legal form, and
the person belongs there. The other is that of two, and the person stays with neither, unless a country tells which it is.

About: hooli.example
Company: hooli.example, name: Hooli Ltd, country: United States
Company: initech.example, name: Initech Inc., country: United States
Company: initech.test, name: Initech GmbH, country: Germany

Wednesday 4 March 2026
12:00  ann@hooli.example is identified
12:01  bea@initech.example is identified
12:02  cy@initech.test is identified
       => nothing
12:10  dan@gmail.com is identified, company: "Hooli, Inc."
       => belongs, who: dan@gmail.com, to: hooli.example
12:11  eve@gmail.com is identified, company: Initech
       => belongs, who: eve@gmail.com, to: eve@gmail.com
       => eve@gmail.com: explain, says: "may be account:initech.example or account:initech.test, and no country is known"
12:12  fay@gmail.com is identified, company: INITECH, country: Germany
       => belongs, who: fay@gmail.com, to: initech.test
