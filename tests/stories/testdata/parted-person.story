Whom a touch names wrongly is not called for it

A tool takes Kim for Ann. An operator parts the two, and the tool goes on naming Ann: what Kim asks for is hers.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250

Wednesday 4 March 2026
12:00  ann@initech.example is identified, title: CTO
       => nurture enrolled, score: 45
12:10  user kim is identified, also: ann@initech.example
       => belongs, who: user kim, to: initech.example
13:00  operator unmerges user kim from ann@initech.example, why: Kim borrowed the laptop
       => explain, says: "operator unlinked user:kim from email:ann@initech.example"
       => belongs, who: user kim, to: user kim
13:10  user kim requests a demo, also: ann@initech.example, title: Student
       => user:kim: hand_raise offered, to: ann@handoff.example, person: user kim
       => stands, rule: Technical title = 20
       => explain, at: 2026-03-04, says: "the play nurture enrolled", never says: "Student"
       => explain, at: 2026-03-04, never says: "demo requested"
       => user:kim: explain, at: 2026-03-04, says: "Because kim requested a demo at"
