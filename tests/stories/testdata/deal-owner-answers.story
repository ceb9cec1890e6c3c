Who works on the deal answers

A deal is open and Sam works on it. A colleague of the buyer asks for a demo: it is Sam's, whose turn it is not.

About: initech.example

Monday 2 March 2026
10:00  deal 1 is opened, of: initech.example, amount: 9000.00 USD, owner: 005Hn00000SamOrt1A

Wednesday 4 March 2026
12:00  bea@initech.example requests a demo
       => hand_raise offered, to: sam@handoff.example, how: deal, due: 13:00, because: "works on the open opportunity"
