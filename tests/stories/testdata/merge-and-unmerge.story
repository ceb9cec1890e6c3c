A merge that was wrong is undone

A tool says that Kim, a consultant, is of Initech, and her look at prices brings Initech into the nurture band. An operator
undoes it: Initech is what it was, and she is herself again, whatever the tool goes on to say. Linked by the operator once
more, it counts again.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example attends a webinar
       => nurture enrolled, score: 40
12:10  user kim is identified, also: kim@gmail.com
12:11  user kim names the company, of: initech.example
       => nothing
12:12  user kim views pricing
       => nothing
       => stands, score: 70
       => belongs, who: user kim, to: initech.example
13:00  operator unmerges user kim from initech.example, why: she is a consultant
       => nothing
       => stands, score: 40, rule: Pricing page viewed = nothing
       => belongs, who: user kim, to: kim@gmail.com
       => kim@gmail.com: stands, score: 30
13:10  user kim names the company, of: initech.example
       => stands, score: 40
       => belongs, who: user kim, to: kim@gmail.com
14:00  operator merges user kim with initech.example, why: she was hired
       => nothing
       => stands, score: 70
