The CRM confirms who a champion is

A title makes a potential member. Once somebody says of her that she is the coach, the role is confirmed; a title that takes
no role stays out.

About: initech.example

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: Director of Operations
       => stands, committee: "1 of 6 roles, 0 confirmed: economic buyer, technical, legal, security and finance missing"
12:01  bea@initech.example is identified, title: Barista
12:02  ann@initech.example books a meeting, role: Coach
       => stands, committee: "1 of 6 roles, 1 confirmed: economic buyer, technical, legal, security and finance missing"
