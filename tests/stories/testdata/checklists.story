Whether sales has asked the right questions

The CRM fills in two fields of MEDDIC and one of BANT on an open deal. What is missing is named, and after the deal is closed
nothing is asked any more.

About: initech.example

Monday 2 March 2026
10:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD

Wednesday 4 March 2026
12:00  deal 1 is updated, answers.metrics: 12 % more meetings, answers.champion: Ann, answers.budget: yes
       => stands, checklists: "meddic 2 of 6: economic buyer, decision criteria, decision process and identify pain missing; bant 1 of 4: authority, need and timeline missing"
13:00  deal 1 is lost
       => stands, checklists: ""
