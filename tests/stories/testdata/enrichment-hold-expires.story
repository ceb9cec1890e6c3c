A decision waits for the company to be known, and not for ever

The provider does not answer. Ten minutes later the decision is made by what is known, with what is not known on record.

About: initech.example
Enrichment: silent

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
12:01  ann@initech.example views pricing
       => nothing
       => stands, score: 50, band: nurture
12:09  time passes
       => nothing
12:20  time passes
       => nurture enrolled, at: 12:10, asset: case-study-general, score: 50
       => explain, says: "Unknown: employees, industry"
