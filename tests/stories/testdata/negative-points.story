Points that count against

A student of an interested company takes 40 points off: 75 becomes 35, and nothing is due.

About: initech.example
Company: initech.example, industry: SaaS, employees: 250
Policy:
| scoring.yaml
| fit:
|   rules:
|     - rule: Student
|       field: title
|       has_any_of: [Student, Intern]
|       points: -40

Wednesday 1 April 2026
12:00  ann@initech.example is identified, title: Student of Engineering
       => nothing
       => stands, score: -15, fit: -15, band: none
12:05  ann@initech.example views pricing
       => nothing
       => stands, score: 15, rule: Student = -40, rule: Pricing page viewed = 30, band: none
