A subsidiary's touches count for its parent

Initech's German company has a domain of its own, and the CRM says whose subsidiary it is: what its people do counts for the
parent, before that was said and after. When the two are parted again, each is itself, whatever the CRM goes on to say.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example attends a webinar
       => stands, score: 15
12:10  gerd@initech-gmbh.example views pricing
       => nothing
       => initech-gmbh.example: stands, score: 30
12:20  crm 9 is updated as an account, also: initech-gmbh.example + parent 1, name: Initech GmbH
12:21  crm 1 is updated as an account, also: initech.example, name: Initech
       => nurture enrolled, asset: case-study-general, score: 45
       => stands, score: 45, rule: Pricing page viewed = 30
       => belongs, who: gerd@initech-gmbh.example, to: initech.example
       => explain, says: "account:initech-gmbh.example counts for account:initech.example"
13:00  operator unmerges initech-gmbh.example from initech.example, why: it was sold
       => stands, score: 15
       => belongs, who: gerd@initech-gmbh.example, to: initech-gmbh.example
       => initech-gmbh.example: stands, score: 30
13:10  crm 9 is updated as an account, also: initech-gmbh.example + parent 1
       => belongs, who: gerd@initech-gmbh.example, to: initech-gmbh.example
