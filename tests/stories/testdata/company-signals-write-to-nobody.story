What a company does is no reason to write to a person

A funding round and a technology adopted bring the account to the nurture band. A person of it is known, who did nothing: she
is not written to.

About: initech.example
Policy:
| scoring.yaml
| fit:
|   rules:
|     - rule: Raised funding
|       touch: funding_raised
|       within: 180d
|       points: 25
|     - rule: Adopted a technology
|       touch: technology_adopted
|       within: 180d
|       points: 20

Monday 2 March 2026
12:00  ann@initech.example is identified

Wednesday 4 March 2026
12:00  initech.example raises funding
       => nothing
12:05  initech.example adopts a technology
       => nurture gated:impersonal, score: 45, because: "nobody is written to for what they did not do"
