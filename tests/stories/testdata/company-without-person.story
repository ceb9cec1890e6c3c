What concerns a company needs no person

A funding round and a star for the repository are the company's. A rule may count them; no person is named, and none is
needed to stand somewhere.

About: initech.example
Policy:
| scoring.yaml
| fit:
|   rules:
|     - rule: Raised funding
|       touch: funding_raised
|       within: 180d
|       points: 20

Wednesday 4 March 2026
12:00  initech.example raises funding
       => nothing
       => stands, score: 20, fit: 20
12:05  initech.example stars a repository
       => stands, stage: ANONYMOUS_VISITOR
