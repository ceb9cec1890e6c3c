A company is said to belong to another before anybody of it is heard of, and is parted again

The operator says that Acme is Initech's. Its people come later and count for Initech, until that is taken back: then they are
Acme's, with all that they did.

About: initech.example
Company: initech.example, name: Initech, industry: Retail, employees: 20
Company: acme.example, name: Acme, industry: Retail, employees: 20

Wednesday 4 March 2026
12:00  ann@initech.example is identified
12:05  operator merges acme.example with initech.example, why: bought
12:10  jo@acme.example views pricing
       => belongs, who: jo@acme.example, to: initech.example
       => stands, score: 30
12:20  user u-jo is identified, also: jo@acme.example
       => belongs, who: user u-jo, to: initech.example
12:30  operator unmerges acme.example from initech.example, why: it was not
       => belongs, who: jo@acme.example, to: acme.example
       => belongs, who: user u-jo, to: acme.example
       => stands, score: 0
       => acme.example: stands, score: 30
