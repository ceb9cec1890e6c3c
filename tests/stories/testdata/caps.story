A rule, a group and a total that are capped

Prices count three times at most, and interest 60 points at most: four looks and a webinar make 105, of which 60 count.

About: initech.example
Policy:
| scoring.yaml
| interest:
|   at_most: 60
|   rules:
|     - rule: Pricing page viewed
|       at_most: 3

Wednesday 1 April 2026
12:00  ann@initech.example views pricing
       => stands, score: 30
12:01  ann@initech.example views pricing
       => nurture enrolled, asset: case-study-general, score: 60
12:02  ann@initech.example views pricing
12:03  ann@initech.example views pricing
12:04  ann@initech.example attends a webinar
       => nothing
       => stands, score: 60, interest: 60, rule: Pricing page viewed = 90, rule: Webinar attended = 15, rule: at most 60 = -45
